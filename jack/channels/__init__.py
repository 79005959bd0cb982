"""How messages leave the house and come in: one file a channel, the same verbs."""
