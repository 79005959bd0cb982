"""The security headers of responses: those of all, and those of some kinds."""

from __future__ import annotations

ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("X-Frame-Options", "DENY"),
)
# Of what other sites may load and show: the chat's button and frame.
FOR_OTHERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
)
FOR_ANSWERS = (*ALWAYS, ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"))
FOR_DATA = (*FOR_ANSWERS, ("Cache-Control", "private, no-cache"))
FOR_SECRETS = (*FOR_ANSWERS, ("Cache-Control", "no-store"))
