"""What the owner of the machine does: start, back up, restore, verify, diagnose."""
