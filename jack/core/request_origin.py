"""From which request a change comes: what the audit log says of it. A connection is given the function that knows."""

from __future__ import annotations

from typing import NamedTuple


class RequestOrigin(NamedTuple):
    """The caller's address and the request's id; None each where there is no request, as for the worker and commands."""

    ip: str | None
    request_id: str | None


NO_REQUEST = RequestOrigin(None, None)


def no_request() -> RequestOrigin:
    """The origin of what no request has asked for."""
    return NO_REQUEST
