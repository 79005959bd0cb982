"""`/files/<id>`: a file for a provider that fetches by link. The signed link gives access to that one file, for an hour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, request

from jack.core.errors import NotFound
from jack.http import downloads
from jack.http.context import app_state, get_db
from jack.resources.attachments import signed_links, store

if TYPE_CHECKING:
    from flask import Response

blp = Blueprint("files", __name__)


@blp.get("/files/<attachment_id>")
def get_file(attachment_id: str) -> Response:
    """The file. Any invalid link is answered 404."""
    until, signature = request.args.get("expires", ""), request.args.get("signature", "")
    if not signed_links.is_valid(app_state().secret, attachment_id, until, signature):
        raise NotFound("No such path.")
    return downloads.answer(store.get(get_db(), attachment_id))
