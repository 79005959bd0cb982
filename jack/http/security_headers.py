"""The security headers of answers: what every one carries, and what some do."""

from __future__ import annotations

ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("X-Frame-Options", "DENY"),
)
# For what is made for other sites to load and to show.
FOR_OTHERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
)
FOR_ANSWERS = (*ALWAYS, ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"))
FOR_DATA = (*FOR_ANSWERS, ("Cache-Control", "private, no-cache"))
FOR_SECRETS = (*FOR_ANSWERS, ("Cache-Control", "no-store"))
