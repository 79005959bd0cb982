"""The hotel's accounts at its providers."""
