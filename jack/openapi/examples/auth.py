"""Examples: signing in, passwords and invitations."""

from __future__ import annotations

from jack.openapi.examples.common import (
    IDS,
    LATER,
    LINK_TOKEN,
    PASSWORD,
    TOKEN,
    USER,
    WHEN,
    Answered,
    Sent,
)

TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

SENT: Sent = {
    "logIn": {
        "sign in": {"email": "jane@example.com", "password": PASSWORD},
        "with a second factor": {
            "email": "jane@example.com",
            "password": PASSWORD,
            "totp": "492039",
        },
    },
    "confirmSecondFactor": {"confirm": {"totp": "492039"}},
    "removeSecondFactor": {"turn off": {"password": PASSWORD, "totp": "492039"}},
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
    "CurrentUser": USER,
    "Device": {
        "id": IDS["session_id"],
        "createdAt": WHEN,
        "lastUsedAt": LATER,
        "ip": "203.0.113.7",
        "userAgent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "current": True,
    },
    "SecondFactor": {
        "enabled": True,
        "required": False,
        "enabledAt": WHEN,
        "recoveryCodesLeft": 10,
    },
    "PendingTotp": {
        "secret": TOTP_SECRET,
        "otpauthUri": f"otpauth://totp/Hotel%20Miramar:jane%40example.com?secret={TOTP_SECRET}&issuer=Hotel%20Miramar",
        "qrCode": "data:image/svg+xml;charset=utf-8,%3Csvg…",
    },
    "RecoveryCodes": {
        "recoveryCodes": [
            "k7dq2-mzx4a-w3bnt-h6yeu",
            "p2vfs-o7lqc-x4ird-z5gkm",
            "t6wna-b3yhj-q7ulx-e2oev",
            "d4mzr-i5ksp-c7gfb-n3txq",
            "y2lho-u6wva-f7dqe-r4jbk",
            "x3pzs-m5ctn-g2iyl-o7hwu",
            "a6qkd-v4rfe-j2bxm-s7znp",
            "h5tyc-l3guw-k6ioa-d2qev",
            "n7xbr-f4pjm-z5sht-y3lck",
            "w2geu-q6dia-o4vnx-b7rfz",
        ]
    },
    "PasswordChanged": {"changed": True},
    "PasswordResetRequested": {"accepted": True},
}
