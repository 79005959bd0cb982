"""Answering a request before its body is read.

Under gunicorn a hook does so by answering. granian's adapter reads a body before it calls Flask; where it is told to ask first
(`RsgiApplication`), it calls Flask once without the body: `admit` answers 100 for a request that may go on, and any other answer
is the client's. The request then comes again, whole.
"""

from __future__ import annotations

from flask import Request, Response

ASKED = "jack.body.asked"
ADMITTED = "jack.body.admitted"
GO_ON = 100


def is_admitted(sent: Request) -> bool:
    """Whether this request has been admitted before, and now comes with its body."""
    return ADMITTED in sent.environ


def admit(sent: Request) -> Response | None:
    """The answer of a hook to a request that may go on: None where its body can be read at once."""
    return Response(status=GO_ON) if ASKED in sent.environ else None
