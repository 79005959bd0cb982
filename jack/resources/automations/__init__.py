"""What Jack does by itself: when something happens or a time comes, for whom, and what."""
