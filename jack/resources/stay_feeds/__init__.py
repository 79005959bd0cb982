"""Stays that booking sites list in calendars (iCal): which are read, how each is, and what becomes of their bookings."""
