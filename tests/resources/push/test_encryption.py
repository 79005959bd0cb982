"""A push is encrypted as RFC 8291 says, and signed as RFC 8292 does: by the RFC's own example, and by readers that are not ours."""

from __future__ import annotations

import os

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st
from py_vapid import Vapid02

from jack.core.db import Database
from jack.core.sealing import configure
from jack.resources.push import encryption, subscriptions, vapid
from jack.resources.push.encryption import BadKey
from tests import builders
from tests.device import Device, base64url, subscribe

# RFC 8291, appendix A.
PLAIN = b"When I grow up, I want to be a watermelon"
SALT = "DGv6ra1nlYgDCS1FRnbzlw"
SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
    "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def test_the_example_of_the_rfc() -> None:
    number = int.from_bytes(encryption.decoded(SENDER, 32))
    private = ec.derive_private_key(number, ec.SECP256R1())
    salt = encryption.decoded(SALT, 16)
    assert base64url(encryption.encrypted(PLAIN, P256DH, AUTH, private=private, salt=salt)) == BODY


@given(st.binary(max_size=encryption.MOST_BYTES))
def test_an_independent_reader_reads_it(plain: bytes) -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    secret = os.urandom(16)
    point = encryption.point_bytes(private.public_key())
    body = encryption.encrypted(plain, base64url(point), base64url(secret))
    assert len(body) <= encryption.RECORD_BYTES
    assert (
        http_ece.decrypt(body, private_key=private, auth_secret=secret, version="aes128gcm")
        == plain
    )


@pytest.mark.parametrize(
    ("p256dh", "auth", "name"),
    [
        (P256DH[:-2], AUTH, "p256dh"),
        (base64url(b"\4" + bytes(64)), AUTH, "p256dh"),  # on no curve
        ("ä" * 87, AUTH, "p256dh"),
        (P256DH, AUTH + "AA", "auth"),
        (P256DH, "*" * 22, "auth"),
    ],
)
def test_what_is_no_key_is_refused(p256dh: str, auth: str, name: str) -> None:
    with pytest.raises(BadKey, match=name):
        encryption.check_keys(p256dh, auth)


def test_the_token_is_of_the_key_that_browsers_subscribe_with(db: Database) -> None:
    keys = vapid.keys(db)
    assert vapid.keys(db) == keys
    header = vapid.authorization(keys, "https://push.example.net", db.time(), None)
    assert header.endswith(f",k={keys.public}")
    assert Vapid02.verify(header)
    token = header.split("t=")[1].split(",")[0]
    other = vapid.authorization(keys, "https://push.example.org", db.time(), None)
    forged = other.replace(other.split("t=")[1].split(",")[0], f"{token[:-4]}AAAA")
    assert not Vapid02.verify(forged)


def test_the_private_key_is_sealed_and_lost_with_the_signing_key(db: Database) -> None:
    before = vapid.keys(db)
    assert b"PRIVATE" not in db.value("SELECT private_key FROM push_keys")
    member = builders.make_member(db)
    subscribe(db, member["id"], "http://127.0.0.1:9/one")
    configure(db.path, "another signing key of 32 characters")
    try:
        after = vapid.keys(db)
    finally:
        configure(db.path, None)
    assert after.public != before.public
    assert db.value("SELECT count(*) FROM push_subscriptions") == 0


def test_a_device_has_one_person_and_a_person_ten_devices(db: Database) -> None:
    one, two = builders.make_member(db), builders.make_member(db)
    device = Device("http://127.0.0.1:9/shared").subscription()
    subscribe(db, one["id"], "", **device)
    _, taken = subscribe(db, two["id"], "", **device)
    assert db.column("SELECT staff_id FROM push_subscriptions") == [two["id"]]
    _, again = subscribe(db, two["id"], "", **device)
    assert again["id"] == taken["id"]
    for number in range(subscriptions.MOST):
        subscribe(db, two["id"], f"http://127.0.0.1:9/{number}")
    endpoints = db.column("SELECT endpoint FROM push_subscriptions ORDER BY seq")
    assert endpoints == [f"http://127.0.0.1:9/{number}" for number in range(subscriptions.MOST)]
