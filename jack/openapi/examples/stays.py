"""Examples: stays."""

from __future__ import annotations

from jack.openapi.examples.common import IDS, LATER, STAMPS, WHEN, Answered, Sent

STAY_CREATE = {
    "guestId": IDS["guest_id"],
    "room": "302",
    "arrival": "2026-05-01",
    "departure": "2026-05-04",
    "eta": "15:30",
    "adults": 2,
    "source": "direct",
    "confirmation": "JK-2041",
}

SENT: Sent = {
    "createStay": {"stay": STAY_CREATE},
    "createStays": {"one stay": {"items": [STAY_CREATE]}},
    "putStayByExternalId": {
        "from another program": {**STAY_CREATE, "metadata": {"rate": "flexible"}},
        "check in": {"status": "in_house"},
    },
    "putStaysByExternalId": {
        "one stay": {
            "items": [
                {"externalId": "res-1001", "arrival": "2026-05-01", "departure": "2026-05-04"}
            ]
        }
    },
    "changeStay": {"check in": {"status": "in_house"}, "another room": {"room": "305"}},
    "changeStays": {"cancel": {"ids": [IDS["stay_id"]], "changes": {"status": "cancelled"}}},
}

CURRENT_STAY = {
    "id": IDS["stay_id"],
    "room": "302",
    "arrival": "2026-05-01",
    "departure": "2026-05-04",
    "status": "booked",
}

ANSWERED: Answered = {
    "StayFeed": {
        "name": "Airbnb 302",
        "room": "302",
        "state": "failing",
        "checkedAt": LATER,
        "succeededAt": WHEN,
        "error": "The server answered 503.",
        "stays": 4,
        "unnamed": 3,
    },
    "CurrentStay": CURRENT_STAY,
    "Stay": {
        "id": IDS["stay_id"],
        "guestId": IDS["guest_id"],
        "guest": {"id": IDS["guest_id"], "name": "John Smith"},
        "companions": [],
        "room": "302",
        "roomType": "Double, courtyard",
        "arrival": "2026-05-01",
        "departure": "2026-05-04",
        "nights": 3,
        "eta": "15:30",
        "adults": 2,
        "children": 0,
        "status": "booked",
        "source": "direct",
        "confirmation": "JK-2041",
        "externalId": "res-1001",
        "notes": "Late check-out, if possible.",
        "metadata": {"rate": "flexible"},
        **STAMPS,
    },
}
