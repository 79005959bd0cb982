"""Who is in the house, when and in which room."""
