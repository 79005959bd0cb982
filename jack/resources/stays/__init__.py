"""Who is at the hotel, when and in which room."""
