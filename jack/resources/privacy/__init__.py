"""Erasure of a guest."""
