"""JACK_LOG=json: every line of Jack's log is one JSON object, and every request is a line. Without personal data."""

from __future__ import annotations

import logging
import sys
import traceback
from typing import TYPE_CHECKING, TextIO

import orjson

from jack.core import clock

if TYPE_CHECKING:
    from collections.abc import Mapping

requests = logging.getLogger("jack.request")


class JsonLines(logging.Formatter):
    """A record as an object: time, level, logger, message; of a request what `FIELDS` names."""

    def format(self, record: logging.LogRecord) -> str:
        """One line. Of an exception only its type and where it was raised: its text may be a guest's."""
        line: dict[str, object] = {
            "time": clock.stamp(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= getattr(record, "fields", {})
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["where"] = "".join(traceback.format_tb(record.exc_info[2]))
        return orjson.dumps(line, default=str).decode()


class StandardError(logging.StreamHandler[TextIO]):
    """Writes to what is standard error at the time; a server may have replaced it since Jack was loaded."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)
        self.setFormatter(JsonLines())

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        """Standard error."""
        return sys.stderr


def init() -> None:
    """Have all that Jack logs written so, once."""
    own = logging.getLogger("jack")
    requests.setLevel(logging.INFO)
    if not any(isinstance(handler, StandardError) for handler in own.handlers):
        own.addHandler(StandardError())
        own.propagate = False
    for name in ("jack.sign_in",):  # it writes by itself
        for handler in logging.getLogger(name).handlers:
            handler.setFormatter(JsonLines())
        logging.getLogger(name).propagate = False


def note_request(fields: Mapping[str, object]) -> None:
    """A line for a request that was answered."""
    requests.info("request", extra={"fields": fields})
