"""What the hotel knows and tells."""
