"""Adapters for the providers that carry messages: one module a channel, all with the functions of `protocol`."""
