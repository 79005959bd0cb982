"""Who does something: a member of staff, a guest, an API key, an automation, or Jack itself."""
