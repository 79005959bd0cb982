"""Examples: reports."""

from __future__ import annotations

from jack.openapi.examples.common import Answered, Sent

FIGURES: dict[str, object] = {
    "conversations": {
        "opened": 12,
        "closed": 11,
        "byChannel": {"whatsapp": 6, "sms": 1, "email": 2, "web": 3},
    },
    "messages": {
        "inbound": 31,
        "outbound": 28,
        "byChannel": {
            "whatsapp": {"inbound": 17, "outbound": 15},
            "sms": {"inbound": 2, "outbound": 2},
            "email": {"inbound": 4, "outbound": 4},
            "web": {"inbound": 8, "outbound": 7},
        },
    },
    "firstAnswerSeconds": {"median": 140, "p90": 610},
    "closeSeconds": {"median": 5400, "p90": 86_000},
    "waitedOver15Minutes": 2,
    "tasks": {
        "created": 4,
        "completed": 3,
        "late": 1,
        "byDepartment": [
            {"department": "housekeeping", "created": 4, "completed": 3, "late": 1},
        ],
    },
}
HOURS = [[2 if hour in (9, 18) else 0 for hour in range(24)] for _ in range(7)]


def _period(day: str) -> dict[str, object]:
    """The figures of a single day."""
    return {
        "period": {"from": day, "to": day},
        **FIGURES,
        "byHourOfWeek": HOURS,
        "series": [{"date": day, **FIGURES}],
    }


SENT: Sent = {}

ANSWERED: Answered = {
    "Overview": {
        **_period("2026-05-01"),
        "zone": "Europe/Madrid",
        "by": "day",
        "previous": _period("2026-04-30"),
    },
}
