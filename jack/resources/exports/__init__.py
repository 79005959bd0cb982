"""Exports: everything of a kind in one file."""
