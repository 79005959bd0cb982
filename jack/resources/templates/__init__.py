"""Texts the hotel sends again and again, with places for what differs."""
