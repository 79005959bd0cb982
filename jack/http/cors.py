"""Cross-origin requests: which pages of other origins may call the API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.http.context import PREFIX

if TYPE_CHECKING:
    from flask import Flask


def init_app(app: Flask, origins: tuple[str, ...]) -> None:
    """Let pages of these origins call the API. flask_cors is imported only where it is needed: most hotels allow no origin."""
    from flask_cors import CORS

    CORS(
        app,
        resources={f"{PREFIX}/*": {"origins": list(origins)}},
        allow_headers=[
            "Authorization",
            "Content-Type",
            "Idempotency-Key",
            "If-Match",
            "If-None-Match",
            "X-Request-Id",
        ],
        expose_headers=[
            "ETag",
            "Link",
            "Location",
            "Retry-After",
            "X-Request-Id",
            "X-RateLimit-Limit",
            "X-RateLimit-Remaining",
            "X-RateLimit-Reset",
            "Idempotency-Replayed",
        ],
        max_age=600,
        vary_header=True,
    )
