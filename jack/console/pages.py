"""A page: its template, in the reader's language, under a policy that lets nothing in from elsewhere."""

from __future__ import annotations

from typing import Any

from flask import Response, render_template, request

from jack.console import catalogue

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


def page(template: str, usual: str | None = None, **shown: Any) -> Response:
    """A page that browsers ask for again each time; `usual` is the language where the reader's is not spoken."""
    response = rendered(template, usual, **shown)
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


def rendered(template: str, usual: str | None = None, **shown: Any) -> Response:
    """The filled template."""
    language = catalogue.language(usual)
    text = render_template(template, language=language, t=catalogue.TEXTS[language], **shown)
    headers = {"Content-Security-Policy": POLICY, "Vary": "Accept-Language"}
    return Response(text, headers=headers, content_type="text/html; charset=utf-8")
