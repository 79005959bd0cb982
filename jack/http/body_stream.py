"""Reading the body of a request from the server, whose errors are the client's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException

from jack.core.errors import Invalid, JackError

if TYPE_CHECKING:
    from collections.abc import Callable


def read_from(read: Callable[..., bytes], *size: int) -> bytes:
    """What `read` gives, of at most so many bytes.

    A server raises errors of its own for a broken chunk and a connection that was closed, gunicorn's two parsers not the same ones:
    each is Invalid here. Those of Werkzeug and Jack are raised as they are.
    """
    try:
        return read(*size)
    except (JackError, HTTPException):
        raise
    except Exception:
        raise Invalid("The body is not valid HTTP, or was cut short.") from None
