"""API keys: with which other programs use the API."""
