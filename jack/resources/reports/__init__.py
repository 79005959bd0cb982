"""Reports: how many conversations, messages and tasks there were, and how long guests waited."""
