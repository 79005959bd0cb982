"""The second factor of members of staff."""
