"""Signing in, sessions, invitations."""
