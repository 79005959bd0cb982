"""A secret is kept by its mask only as long as it goes to the same place, as the same user; credentials in addresses are secrets."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from jack.core.errors import Invalid
from jack.core.url_credentials import without_credentials
from jack.resources.settings.masking import MASK, masked, unmasked

MAIL: dict[str, Any] = {
    "enabled": True,
    "address": "front@hotel.example",
    "name": "Hotel",
    "accessToken": "TOKEN",
    "smtp": {"host": "smtp.example", "port": 465, "username": "front", "password": "SMTP"},
    "imap": {"host": "imap.example", "username": "front", "password": "IMAP", "folder": "INBOX"},
}
WHATSAPP: dict[str, Any] = {
    "provider": "meta",
    "phoneNumberId": "123",
    "accessToken": "TOKEN",
    "appSecret": "APP",
    "accountSid": "AC1",
    "apiKeySid": "SK1",
    "apiKeySecret": "KEY",
    "baseUrl": "https://graph.example",
    "mediaHosts": ["media.example"],
    "ratePerSecond": 10,
}


def changed(value: dict[str, Any], path: str, new: object) -> dict[str, Any]:
    """The value as it is shown, with another field at this dotted path; None removes it."""
    made: dict[str, Any] = copy.deepcopy(masked(value))
    *outer, last = path.split(".")
    place = made
    for name in outer:
        place = place[name]
    if new is None:
        place.pop(last, None)
    else:
        place[last] = new
    return made


def refusal(new: dict[str, Any], old: dict[str, Any]) -> str:
    """The field that has to be given again, or `kept`."""
    try:
        unmasked(new, old, "value")
    except Invalid as error:
        (found,) = error.details or []
    else:
        return "kept"
    assert found["code"] == "secret_needed"
    assert "must be given again" in found["message"]
    return found["field"]


@pytest.mark.parametrize("field", ["host", "port", "username"])
@pytest.mark.parametrize("server", ["smtp", "imap"])
@pytest.mark.parametrize("new", ["other", None])
def test_a_server_that_changes_asks_for_its_password_again(
    server: str, field: str, new: str | None
) -> None:
    path = f"{server}.{field}"
    if path == "imap.port":
        new = "993"  # there was none before
    made = changed(MAIL, path, new)
    assert refusal(made, MAIL) == "value.accessToken"  # which is for both servers
    made["accessToken"] = "NEW"
    assert refusal(made, MAIL) == f"value.{server}.password"
    made[server]["password"] = "NEW"
    assert refusal(made, MAIL) == "kept"  # the other server's stays


@pytest.mark.parametrize(
    ("path", "new"),
    [
        ("baseUrl", "https://evil.example"),
        ("baseUrl", None),
        ("accountSid", "AC2"),
        ("apiKeySid", "SK2"),
        ("mediaHosts", ["media.example", "evil.example"]),
    ],
)
def test_an_account_that_changes_place_or_user_asks_again(path: str, new: object) -> None:
    assert refusal(changed(WHATSAPP, path, new), WHATSAPP) == "value.accessToken"


@pytest.mark.parametrize(
    ("value", "path", "new"),
    [
        (WHATSAPP, "ratePerSecond", 20),
        (WHATSAPP, "provider", "twilio"),
        (WHATSAPP, "appSecret", "NEW"),
        (WHATSAPP, "accessToken", "NEW"),
        (MAIL, "enabled", False),
        (MAIL, "name", "The hotel"),
        (MAIL, "imap.folder", "Front"),
        (MAIL, "smtp.password", "NEW"),
    ],
)
def test_what_says_nothing_about_the_place_keeps_every_secret(
    value: dict[str, Any], path: str, new: object
) -> None:
    made = changed(value, path, new)
    kept = unmasked(made, value, "value")
    assert MASK not in str(kept)
    assert masked(kept) == masked(made)


@pytest.mark.parametrize(
    "name",
    ["url", "baseURL", "webhook_url", "host2", "serverPort", "userName", "client_id", "tenantId",
     "endpoint", "proxy", "login"],
)  # fmt: skip
def test_settings_of_ones_own_are_held_to_the_same(name: str) -> None:
    old = {"service": {"password": "S", name: "a"}, "n": 1}
    assert refusal({"service": {"password": MASK, name: "b"}, "n": 1}, old) == (
        "value.service.password"
    )
    assert refusal({"service": {"password": MASK, name: "a"}, "n": 2}, old) == "kept"
    # From an object around it, and in a list.
    around = {name: "a", "logins": [{"password": "S"}]}
    assert refusal({name: "b", "logins": [{"password": MASK}]}, around) == (
        "value.logins.0.password"
    )
    listed = {"list": [{"password": "S", name: "a"}]}
    assert refusal({"list": [{"password": MASK, name: "b"}]}, listed) == "value.list.0.password"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ({"servers": [{"host": "a"}]}, {"servers": [{"host": "evil"}]}),
        ({"servers": [{"host": "a"}]}, {"servers": [{"host": "a"}, {"host": "evil"}]}),
        ({"servers": [[{"host": "a"}]]}, {"servers": [[{"host": "evil"}]]}),
        ({"server": {"name": "a"}}, {"server": {"name": "evil"}}),
        ({"endpoint": "a"}, {"endpoint": {"name": "evil"}}),
        ({"smtp": {"host": "a"}}, {}),
        ({"smtp": {"host": "a"}}, {"smtp": "evil"}),
    ],
)
def test_a_secret_for_what_stands_in_objects_and_lists_is_asked_for_again(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    assert refusal({"token": MASK, **new}, {"token": "T", **old}) == "value.token"
    assert refusal({"token": MASK, **old}, {"token": "T", **old}) == "kept"


def test_another_secret_within_a_server_moves_nothing() -> None:
    old = {"token": "T", "server": {"name": "a", "password": "S"}}
    assert refusal({"token": MASK, "server": {"name": "a", "password": "NEW"}}, old) == "kept"


@pytest.mark.parametrize("name", ["support", "userIdField", "phoneNumberId", "transport", "grid"])
def test_a_name_that_only_looks_alike_asks_for_nothing(name: str) -> None:
    assert refusal({"token": MASK, name: "b"}, {"token": "T", name: "a"}) == "kept"


# ------------------------------------------------------------------------------------------------ addresses


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://user:pass@x.example/a?b=c", f"https://{MASK}@x.example/a?b=c"),
        ("https://user@x.example", f"https://{MASK}@x.example"),
        ("https://us@er:p@ss@x.example/", f"https://{MASK}@x.example/"),
        ("smtp://:pass@x.example:25", f"smtp://{MASK}@x.example:25"),
        ("https://x.example/?access_token=abc&n=1", f"https://x.example/?access_token={MASK}&n=1"),
        ("see http://a:b@c and ftp://d:e@f", f"see http://{MASK}@c and ftp://{MASK}@f"),
    ],
)
def test_credentials_in_an_address_are_masked_and_kept_by_the_mask(text: str, shown: str) -> None:
    assert without_credentials(text) == shown
    old = {"link": text, "n": 1}
    assert masked(old) == {"link": shown, "n": 1}
    assert unmasked({"link": shown, "n": 2}, old, "value") == {"link": text, "n": 2}


@pytest.mark.parametrize(
    "text",
    ["https://www.example.com/@hotel", "front@hotel.example", "https://x.example/?page=2", "a@b://c",
     "mailto:front@hotel.example"],
)  # fmt: skip
def test_other_addresses_are_shown_as_they_are(text: str) -> None:
    assert without_credentials(text) == text


def test_the_mask_in_an_address_is_for_the_same_address_only() -> None:
    old = {"link": "https://user:pass@x.example/a"}
    for new in (f"https://{MASK}@evil.example/a", f"https://user:{MASK}@x.example/a"):
        assert refusal({"link": new}, old) == "value.link"
    assert refusal({"link": f"https://{MASK}@x.example/a"}, {}) == "value.link"
    assert unmasked({"link": "https://new:one@x.example"}, old, "value") == {
        "link": "https://new:one@x.example"
    }
