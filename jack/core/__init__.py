"""What everything stands on: settings, database, time, errors, events. Knows no Flask, no resource and no provider."""
