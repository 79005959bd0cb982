"""The hotel's settings."""
