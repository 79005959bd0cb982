"""Passwords: what is taken, how it is kept, and that nobody learns whether an account is there."""

from __future__ import annotations

import pytest

from jack.core.errors import Invalid
from jack.resources.auth import passwords


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "twelve chars", "abcd" * 32, "пароль для отеля", " " * 9 + "abc"],
)
def test_a_good_password_is_taken(password: str) -> None:
    passwords.check(password)


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("elevenchars", "12 to 128"),
        ("x" * 129, "12 to 128"),
        ("", "12 to 128"),
        ("password1234", "commonest"),
        ("PassWord1234", "commonest"),
        ("aaaaaaaaaaaa", "commonest"),
        ("abcabcabcabc", "commonest"),
    ],
)
def test_a_poor_password_is_refused_and_the_field_is_named(password: str, says: str) -> None:
    with pytest.raises(Invalid, match=says) as refused:
        passwords.check(password, "newPassword")
    assert [detail["field"] for detail in refused.value.details or ()] == ["newPassword"]
    assert not password or password not in refused.value.message


def test_the_commonest_are_those_that_are_long_enough_to_matter() -> None:
    known = passwords._common()
    assert len(known) > 100
    assert all(len(password) >= passwords.MIN for password in known)
    assert all(password == password.casefold() for password in known)


def test_a_hash_is_argon2id_with_the_recommended_cost() -> None:
    hashed = passwords.hashed("correct horse battery")
    assert hashed.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.hashed("correct horse battery") != hashed


def test_only_the_right_password_fits() -> None:
    hashed = passwords.hashed("correct horse battery")
    assert passwords.matches(hashed, "correct horse battery")
    assert not passwords.matches(hashed, "correct horse batterY")


@pytest.mark.parametrize("stored", [None, "", "no hash at all", "$argon2id$v=19$broken"])
def test_nothing_fits_where_there_is_no_hash(stored: str | None) -> None:
    assert not passwords.matches(stored, "nobody has this password")
    assert not passwords.matches(stored, "")


def test_nobodys_hash_costs_what_every_hash_costs() -> None:
    assert not passwords._hasher.check_needs_rehash(passwords.DUMMY_HASH)
