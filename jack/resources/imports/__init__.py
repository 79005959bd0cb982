"""Imports: guests and entries from a file."""
