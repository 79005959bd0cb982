"""The way of a message: in, out, and what became of it."""
