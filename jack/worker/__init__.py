"""The background loop and its jobs."""
