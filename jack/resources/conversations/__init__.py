"""Conversations with guests and their messages."""
