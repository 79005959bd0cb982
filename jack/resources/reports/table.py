"""An overview as a CSV file: a line for each part of the period."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from jack.resources.exports.formats import TYPES, cell, csv_lines
from jack.resources.reports.tally import CHANNELS

if TYPE_CHECKING:
    from jack.core.query import AnyRow
    from jack.resources.reports.store import Overview, Point

COLUMNS = (
    "date",
    "conversations.opened",
    "conversations.closed",
    *(f"conversations.{channel}" for channel in CHANNELS),
    "messages.inbound",
    "messages.outbound",
    *(f"messages.{channel}.{way}" for channel in CHANNELS for way in ("inbound", "outbound")),
    "firstAnswerSeconds.median",
    "firstAnswerSeconds.p90",
    "closeSeconds.median",
    "closeSeconds.p90",
    "waitedOver15Minutes",
    "tasks.created",
    "tasks.completed",
    "tasks.late",
)


def file_of(found: Overview) -> AnyRow:
    """The file, as a download takes it."""
    content = csv_lines([COLUMNS, *(_line(point) for point in found["series"])])
    days = found["period"]
    return {
        "name": f"report-{days['first']}-{days['last']}.csv",
        "mime": TYPES["csv"],
        "size": len(content),
        "digest": hashlib.sha256(content).hexdigest(),
        "content": content,
    }


def _line(point: Point) -> list[str]:
    """The cells of a part, in the order of `COLUMNS`."""
    conversations, messages, tasks = point["conversations"], point["messages"], point["tasks"]
    answers, closings = point["first_answer_seconds"], point["close_seconds"]
    values = (
        point["date"],
        conversations["opened"],
        conversations["closed"],
        *(conversations["by_channel"][channel] for channel in CHANNELS),
        messages["inbound"],
        messages["outbound"],
        *(number for channel in CHANNELS for number in messages["by_channel"][channel].values()),
        answers["median"],
        answers["p90"],
        closings["median"],
        closings["p90"],
        point["waited_over_15_minutes"],
        tasks["created"],
        tasks["completed"],
        tasks["late"],
    )
    return [cell(value) for value in values]
