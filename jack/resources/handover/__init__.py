"""The handover of a shift: what is going on, and what the one who leaves says about it."""
