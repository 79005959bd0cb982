"""Examples: signing in, passwords and invitations."""

from __future__ import annotations

from jack.openapi.examples.common import LINK_TOKEN, PASSWORD, TOKEN, USER, Answered, Sent

SENT: Sent = {
    "logIn": {"sign in": {"email": "jane@example.com", "password": PASSWORD}},
    "changePassword": {
        "change": {"currentPassword": PASSWORD, "newPassword": "a longer night on the phone"}
    },
    "acceptInvite": {"accept": {"token": LINK_TOKEN, "password": PASSWORD}},
    "requestPasswordReset": {"forgotten": {"email": "jane@example.com"}},
    "setUpFirstAdmin": {
        "first administrator": {
            "token": LINK_TOKEN,
            "name": "Jane Doe",
            "email": "jane@example.com",
            "password": PASSWORD,
        }
    },
}

ANSWERED: Answered = {
    "Session": {"token": TOKEN, "expiresAt": "2026-05-02T15:00:00.000Z", "user": USER},
    "SignedOut": {"signedOut": True},
    "User": USER,
    "PasswordChanged": {"changed": True},
    "PasswordResetRequested": {"accepted": True},
}
