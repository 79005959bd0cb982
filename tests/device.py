"""A browser that is pushed to: its keys, and what it reads of a push, by implementations that are not ours."""

from __future__ import annotations

import base64
import json
import os
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02

from jack.core.db import Database
from jack.resources.auth import sessions
from jack.resources.push import subscriptions
from tests.peers.receiver import Got


class Device:
    """The keys of a subscription, and its endpoint."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self._private = ec.generate_private_key(ec.SECP256R1())
        self._secret = os.urandom(16)

    def subscription(self) -> dict[str, Any]:
        """As `PushSubscription.toJSON()` has it."""
        point = self._private.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )
        return {
            "endpoint": self.endpoint,
            "keys": {"p256dh": base64url(point), "auth": base64url(self._secret)},
        }

    def read(self, got: Got) -> dict[str, Any]:
        """What a push says."""
        assert got.headers["Content-Encoding"] == "aes128gcm"
        found = http_ece.decrypt(
            got.body, private_key=self._private, auth_secret=self._secret, version="aes128gcm"
        )
        return dict(json.loads(found))


def base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def claims(got: Got) -> dict[str, Any]:
    """What the token of a push claims; its signature is checked with the key it names."""
    header = got.headers["Authorization"]
    assert Vapid02.verify(header)
    token = header.split("t=")[1].split(",")[0]
    payload = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))))


def subscribe(
    db: Database, staff_id: str, url: str, **fields: Any
) -> tuple[Device, dict[str, Any]]:
    """A device of a member's that is told, and its subscription; `url` is on loopback."""
    device = Device(url)
    row = subscriptions.create(
        db,
        staff_id=staff_id,
        session_id=sessions.begin_session(db, staff_id, hours=24)[0],
        hosts=("127.0.0.1",),
        **{**device.subscription(), **fields},
    )
    return device, dict(row)
