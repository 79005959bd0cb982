"""What other programs call things, and have called what was erased."""
