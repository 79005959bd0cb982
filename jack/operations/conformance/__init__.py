"""The reference of the API as a suite of calls that is run against any server which claims to keep it."""
