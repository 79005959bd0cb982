"""Examples: API keys."""

from __future__ import annotations

from jack.openapi.examples.common import IDS, WHEN, Answered, Sent

KEY = {
    "id": IDS["key_id"],
    "name": "Property management system",
    "scopes": ["conversations:read", "guests:write"],
    "hint": "jack_4kTz",
    "rateLimit": 600,
    "rateLimitBulk": 60,
    "createdAt": WHEN,
    "createdBy": IDS["staff_id"],
    "lastUsedAt": None,
    "lastUsedIp": None,
    "expiresAt": None,
    "revokedAt": None,
}

SENT: Sent = {
    "createApiKey": {
        "mirror of guests": {
            "name": "Property management system",
            "scopes": ["conversations:read", "guests:write"],
            "rateLimit": 600,
            "rateLimitBulk": 60,
        },
        "until the end of the year": {
            "name": "Season's dashboard",
            "scopes": ["reports:read"],
            "expiresAt": "2098-12-31T23:00:00Z",
        },
    },
    "changeApiKey": {"scopes": {"scopes": ["guests:read"]}, "limits": {"rateLimit": 1200}},
    "rotateApiKey": {"a day for the change": {"graceHours": 24}, "at once": {"graceHours": 0}},
}

ANSWERED: Answered = {
    "ApiKey": KEY,
    # Not a token: its checksum is wrong.
    "NewApiKey": {**KEY, "token": "jack_4kTz" + "x" * 45},
}
