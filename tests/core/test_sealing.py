"""Sealed values: opened with the same key and for the same purpose, and not otherwise."""

from __future__ import annotations

import pytest

from jack.core.sealing import opened, sealed

KEY = "a signing key of thirty-two characters"


def test_what_is_sealed_can_be_opened_and_not_be_read() -> None:
    value = sealed("Señal de la recepción", "totp:staff-1", KEY)
    assert opened(value, "totp:staff-1", KEY) == "Señal de la recepción"
    assert "Señal".encode() not in value


@pytest.mark.parametrize(
    ("purpose", "key"), [("totp:staff-2", KEY), ("totp:staff-1", KEY.upper()), ("", "")]
)
def test_it_opens_nowhere_else(purpose: str, key: str) -> None:
    assert opened(sealed("secret", "totp:staff-1", KEY), purpose, key) is None


def test_what_was_changed_does_not_open() -> None:
    value = bytearray(sealed("secret", "p", KEY))
    value[20] ^= 1
    assert opened(bytes(value), "p", KEY) is None
    assert opened(b"", "p", KEY) is None
