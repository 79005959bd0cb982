"""Work handed to departments."""
