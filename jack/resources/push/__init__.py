"""Web Push: which devices are told, of what, and by which keys."""
