"""From which request a change comes: the function that connections are given."""

from __future__ import annotations

import functools
import ipaddress

from flask import has_request_context

from jack.core.request_origin import NO_REQUEST, RequestOrigin
from jack.http.context import current_request, request_state
from jack.http.error_handlers import request_id_of


def request_origin() -> RequestOrigin:
    """The address and the id of the request at hand; neither where there is none."""
    if not has_request_context():
        return NO_REQUEST
    sent = current_request()
    return RequestOrigin(_address(sent.remote_addr), request_id_of(sent, request_state()))


@functools.lru_cache(maxsize=256)
def _address(text: str | None) -> str | None:
    """An address as it is written; None for what is none, such as what a proxy has let through."""
    try:
        return str(ipaddress.ip_address(text or ""))
    except ValueError:
        return None
