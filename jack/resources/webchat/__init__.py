"""The chat on the hotel's web page."""
