"""Backups that Jack makes by itself: when, which are kept, where they are, and what each holds."""
