"""Inbound events that could not be read."""
