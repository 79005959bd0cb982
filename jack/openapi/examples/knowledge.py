"""Examples: the knowledge base."""

from __future__ import annotations

from jack.openapi.examples.common import IDS, STAMPS, Answered, Sent

ENTRY_CREATE = {
    "title": "Pool Hours",
    "content": "The pool is open daily from 6 AM to 10 PM...",
    "category": "amenity",
}

SENT: Sent = {
    "createEntry": {"entry": ENTRY_CREATE},
    "createEntries": {"one entry": {"items": [ENTRY_CREATE]}},
    "putEntryByExternalId": {"entry": ENTRY_CREATE},
    "putEntriesByExternalId": {
        "one entry": {"items": [{"externalId": "site-pool", **ENTRY_CREATE}]}
    },
    "changeEntry": {
        "change": {
            "title": "Pool Hours (Updated)",
            "content": "The pool is open daily from 7 AM to 9 PM...",
        }
    },
}

ANSWERED: Answered = {
    "Entry": {
        "id": IDS["entry_id"],
        "title": "Pool Hours",
        "content": "The pool is open daily from 6 AM to 10 PM...",
        "category": "amenity",
        "language": "en",
        "externalId": "site-pool",
        **STAMPS,
    },
}
