"""Examples: staff."""

from __future__ import annotations

from jack.openapi.examples.common import LINK_TOKEN, STAMPS, USER, WHEN, Answered, Sent

MEMBER = {
    **USER,
    "active": True,
    "invited": False,
    "totpEnabled": True,
    "lastSeenAt": WHEN,
    **STAMPS,
}
INVITE = {
    "token": LINK_TOKEN,
    "url": f"https://jack.example.com/invite#{LINK_TOKEN}",
    "expiresAt": "2026-05-04T15:00:00.000Z",
    "mailedTo": None,
}

SENT: Sent = {
    "createMember": {
        "member": {
            "name": "Jane Doe",
            "email": "[email protected]",
            "role": "staff",
            "department": "front-desk",
        }
    },
    "changeMember": {
        "promote": {"role": "manager"},
        "deactivate": {"active": False},
    },
}

ANSWERED: Answered = {
    "Member": MEMBER,
    "InvitedMember": {
        **MEMBER,
        "invited": True,
        "totpEnabled": False,
        "lastSeenAt": None,
        "invite": INVITE,
    },
    "Invite": INVITE,
}
