"""Examples: guests."""

from __future__ import annotations

from jack.openapi.examples.common import IDS, STAMPS, WHEN, Answered, Sent
from jack.openapi.examples.stays import CURRENT_STAY

GUEST_CREATE = {"name": "John Smith", "email": "[email protected]", "phone": "+15551234567"}
CONSENTS = {
    "whatsapp": {"state": "given", "at": WHEN, "source": "registration form"},
    "sms": {"state": "withdrawn", "at": WHEN, "source": "guest"},
    "email": {"state": "unknown", "at": None, "source": None},
}
GUEST = {
    "id": IDS["guest_id"],
    "name": "John Smith",
    "email": "john@example.com",
    "phone": "+15551234567",
    "tags": ["vip", "returning"],
    "notes": "Prefers quiet room",
    "language": "en",
    "externalId": "pms:res-1001",
    "externalIds": {"pms": "res-1001"},
    "metadata": {"loyalty": "gold"},
    "blocked": False,
    "consents": CONSENTS,
    "stay": CURRENT_STAY,
    **STAMPS,
}

SENT: Sent = {
    "createGuest": {"guest": GUEST_CREATE},
    "createGuests": {"two guests": {"items": [GUEST_CREATE, {"name": "Aiko Tanaka"}]}},
    "mergeGuests": {"the same person": {"guestId": "guest-019de3f6-4c80-7d3e-9b5f-7c8d9e0f1a2b"}},
    "putGuestByExternalId": {
        "arrival": {"name": "John Smith", "email": "john@example.com", "tags": ["returning"]},
        "what another program notes": {"metadata": {"loyalty": "gold", "folio": None}},
    },
    "putGuestsByExternalId": {
        "nightly sync": {
            "items": [
                {
                    "externalId": "pms:res-1001",
                    "name": "John Smith",
                    "email": "john@example.com",
                },
                {"externalId": "pms:res-1002", "name": "Aiko Tanaka", "language": "ja"},
            ]
        }
    },
    "changeGuest": {
        "tags and notes": {"tags": ["vip", "returning"], "notes": "Prefers quiet room"},
        "block": {"blocked": True},
        "consent": {"consents": {"email": {"state": "given", "source": "registration form"}}},
    },
}

ANSWERED: Answered = {
    "Guest": GUEST,
    "Duplicate": {
        "guest": GUEST,
        "score": 0.3,
        "reasons": ["same_name"],
        "evidence": [
            {
                "reason": "same_name",
                "proven": False,
                "message": "They have the same name. Not proven: others have it too, and in the web chat anybody can give it.",
            }
        ],
        "unproven": ["guest-019de3f6-4c80-7d3e-9b5f-7c8d9e0f1a2b"],
    },
    "Consent": {"state": "withdrawn", "at": WHEN, "source": "guest"},
    "Consents": CONSENTS,
    "DuplicateMeta": {"total": 1},
    "Merge": {
        "mergeId": IDS["merge_id"],
        "guest": GUEST,
        "undoUntil": "2026-05-31T15:00:00.000Z",
    },
    "Unmerged": {"guest": GUEST, "restored": {**GUEST, "name": "J. Smith", "email": None}},
}
