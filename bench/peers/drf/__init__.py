"""The Django peer's one application."""
