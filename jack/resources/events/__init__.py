"""What happened, for whoever polls: the event feed."""
