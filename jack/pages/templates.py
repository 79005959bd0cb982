"""A page: its template, in the reader's language, under a policy that lets nothing in from elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, render_template, request

from jack.core import translations
from jack.pages import languages, static_files

if TYPE_CHECKING:
    from jack.core.translations import Texts

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src 'self' data: blob:",
        "media-src blob:",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors",
    )
)
NOBODY = ("'none'",)


def page(template: str, usual: str | None = None, **shown: Any) -> Response:
    """A page that browsers ask for again each time; `usual` is the language where the reader's is not spoken."""
    response = static_files.packed(rendered(template, usual, **shown))
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag()
    response.make_conditional(request)
    return response


def rendered(
    template: str,
    usual: str | None = None,
    *,
    spoken: str | None = None,
    texts: Texts | None = None,
    framed_by: tuple[str, ...] = NOBODY,
    **shown: Any,
) -> Response:
    """The filled template; `spoken` is a language that has been chosen, `framed_by` who may show it inside their pages.

    `texts` are those of the languages it can be in, if not of all that the staff have.
    """
    here = translations.TEXTS if texts is None else texts
    language = spoken or languages.language(usual, here)
    text = render_template(template, language=language, t=here[language], **shown)
    policy = " ".join((POLICY, *framed_by))
    headers = {"Content-Security-Policy": policy, "Vary": "Accept-Language"}
    return Response(text, headers=headers, content_type="text/html; charset=utf-8")
