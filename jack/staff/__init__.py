"""The members of staff."""
