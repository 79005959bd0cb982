"""`/settings`: known keys are checked, others hold any object, secrets are never shown."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from jack.resources.settings import store as settings
from tests.checks import named, refused, succeeded
from tests.conftest import Clock, Person

MASK = "********"


# What the pages of the manual tell a hotel to put, as they are printed there.
MANUAL = Path(__file__).parents[2] / "docs/channels"
PRINTED = [
    (page.stem, text)
    for page in sorted(MANUAL.glob("*.md"))
    for found in re.findall(
        r'-d \'{"value": (.*?})}\'$|^```json\n(.*?)```', page.read_text(), re.M | re.S
    )
    for text in found
    if '"enabled"' in text
]


def put(admin: Person, key: str, value: Any) -> Any:
    return admin.put(f"/settings/{key}", {"value": value})


def test_a_setting_has_key_value_and_updated_at(admin: Person, clock: Clock) -> None:
    data = succeeded(put(admin, "own.key", {"a": [1, "x", None, {"b": True}]}))
    assert data == {
        "key": "own.key",
        "value": {"a": [1, "x", None, {"b": True}]},
        "updatedAt": "2026-05-28T20:26:40.000Z",
    }
    assert succeeded(admin.get("/settings/own.key")) == data


def test_known_keys_are_there_from_the_start(member: Person) -> None:
    rows = succeeded(member.get("/settings"))
    assert [row["key"] for row in rows] == [
        "audit",
        "backups",
        "channels.email",
        "channels.sms",
        "channels.web",
        "channels.whatsapp",
        "departments",
        "hotel",
        "privacy",
        "push",
        "security",
        "variables",
    ]
    assert {row["updatedAt"] for row in rows} == {None}


def test_settings_are_listed_by_key_in_pages(admin: Person) -> None:
    succeeded(put(admin, "a", {}))
    answer = admin.get("/settings?limit=2&page=1")
    assert [row["key"] for row in succeeded(answer)] == ["a", "audit"]
    assert answer.json["meta"] == {"page": 1, "limit": 2, "total": 13, "pages": 7}


def test_a_setting_that_was_never_put_is_404(member: Person) -> None:
    assert refused(member.get("/settings/nothing"), 404)["message"] == "Setting not found"


def test_a_value_is_replaced_whole(admin: Person) -> None:
    put(admin, "own", {"a": 1})
    assert succeeded(put(admin, "own", {"b": 2}))["value"] == {"b": 2}


@pytest.mark.parametrize("key", ["a", "a.b_c-d", "z9", "a" * 64])
def test_a_key_of_ones_own(key: str, admin: Person) -> None:
    succeeded(put(admin, key, {}))


@pytest.mark.parametrize("key", ["A", "9a", "_a", "a" * 65, "a b", "a!", "é", "-a"])
def test_a_bad_key_is_400(key: str, admin: Person) -> None:
    assert named(refused(put(admin, key, {}), 400)) == {"key"}


@pytest.mark.parametrize("value", [None, [], "x", 1, True])
def test_a_value_is_an_object(value: Any, admin: Person) -> None:
    assert named(refused(put(admin, "own", value), 400)) == {"value"}


def test_a_value_has_up_to_64_kib(admin: Person) -> None:
    room = 64 * 1024 - len('{"a":""}')
    succeeded(put(admin, "own", {"a": "x" * room}))
    assert named(refused(put(admin, "own", {"a": "x" * (room + 1)}), 400)) == {"value"}
    assert named(refused(put(admin, "own", {"a": "é" * (room // 2 + 1)}), 400)) == {"value"}


# ------------------------------------------------------------------------------------------------ known keys

META = {
    "enabled": True,
    "provider": "meta",
    "phoneNumberId": "106540352242922",
    "accessToken": "EAAG",
    "appSecret": "0123456789abcdef",
    "verifyToken": "choose-me",
}
TWILIO = {"enabled": True, "accountSid": "AC01", "authToken": "12345", "from": "+15005550006"}
MAIL = {
    "enabled": True,
    "address": "front@hotel.example",
    "smtp": {"host": "smtp.hotel.example", "port": 465, "security": "tls"},
    "imap": {"host": "imap.hotel.example", "username": "front", "password": "hush"},
}

GOOD: list[tuple[str, dict[str, Any]]] = [
    ("hotel", {}),
    ("hotel", {"name": "Sol", "timeZone": "Europe/Madrid", "country": "ES", "language": "es"}),
    ("hotel", {"email": None, "phone": None, "address": "Calle 1\n28001", "website": None}),
    ("departments", {"items": [{"slug": "spa", "name": "Spa"}]}),
    ("channels.web", {"enabled": False, "greeting": "Hola", "identitySecret": None}),
    ("channels.whatsapp", {"enabled": False}),
    ("channels.whatsapp", {"enabled": False, "provider": "meta", "phoneNumberId": "1"}),
    ("channels.email", {"enabled": False, "smtp": {"host": "localhost", "security": "none"}}),
    ("channels.sms", {"enabled": False, "from": "+1555", "baseUrl": "http://127.0.0.1:8020"}),
]

# What is switched on, and which of it is never shown again.
ACCOUNTS: list[tuple[str, dict[str, Any], set[str]]] = [
    ("channels.whatsapp", META, {"accessToken", "appSecret", "verifyToken"}),
    ("channels.whatsapp", {**TWILIO, "provider": "twilio"}, {"authToken"}),
    ("channels.sms", {**TWILIO, "from": None, "messagingServiceSid": "MG1"}, {"authToken"}),
    ("channels.email", MAIL, {"imap.password"}),
]

BAD: list[tuple[str, dict[str, Any], str]] = [
    ("hotel", {"name": ""}, "value.name"),
    ("hotel", {"unheardOf": 1}, "value.unheardOf"),
    ("hotel", {"timeZone": "Mars/Olympus"}, "value.timeZone"),
    ("hotel", {"timeZone": "../../etc/passwd"}, "value.timeZone"),
    ("hotel", {"timeZone": "Europe"}, "value.timeZone"),
    ("hotel", {"country": "es"}, "value.country"),
    ("hotel", {"country": "ES\n"}, "value.country"),
    ("hotel", {"email": "nobody"}, "value.email"),
    ("hotel", {"language": "english"}, "value.language"),
    ("departments", {}, "value.items"),
    ("departments", {"items": []}, "value.items"),
    ("departments", {"items": [{"slug": "Spa", "name": "Spa"}]}, "value.items.0.slug"),
    ("departments", {"items": [{"slug": "spa"}]}, "value.items.0.name"),
    ("departments", {"items": [{"slug": "a", "name": "A"}] * 2}, "value.items"),
    ("channels.web", {"enabled": "yes"}, "value.enabled"),
    ("channels.web", {"identitySecret": "short"}, "value.identitySecret"),
    ("channels.whatsapp", {"enabled": True}, "value.provider"),
    ("channels.whatsapp", {"enabled": True, "provider": "smoke"}, "value.provider"),
    ("channels.whatsapp", {**META, "accessToken": None}, "value.accessToken"),
    ("channels.whatsapp", {**META, "appSecret": ""}, "value.appSecret"),
    ("channels.whatsapp", {**META, "phoneNumberId": "../1"}, "value.phoneNumberId"),
    ("channels.whatsapp", {**META, "apiVersion": "25"}, "value.apiVersion"),
    ("channels.whatsapp", {**TWILIO, "provider": "twilio", "from": None}, "value.from"),
    ("channels.sms", {"token": "x"}, "value.token"),
    ("channels.sms", {**TWILIO, "accountSid": None}, "value.accountSid"),
    ("channels.sms", {**TWILIO, "apiKeySid": "SK1"}, "value.apiKeySecret"),
    ("channels.sms", {**TWILIO, "ratePerSecond": 0}, "value.ratePerSecond"),
    ("channels.sms", {**TWILIO, "baseUrl": "http://api.example.com"}, "value.baseUrl"),
    ("channels.sms", {**TWILIO, "baseUrl": "https://user:pass@api.example.com"}, "value.baseUrl"),
    ("channels.sms", {**TWILIO, "baseUrl": "https://api.example.com:99999"}, "value.baseUrl"),
    ("channels.sms", {**TWILIO, "mediaHosts": ["a b"]}, "value.mediaHosts.0"),
    ("channels.email", {**MAIL, "address": None}, "value.address"),
    ("channels.email", {**MAIL, "imap": None}, "value.imap"),
    ("channels.email", {**MAIL, "smtp": {"port": 465}}, "value.smtp.host"),
    ("channels.email", {**MAIL, "imap": {"host": "m.example"}}, "value.imap.username"),
    ("channels.email", {**MAIL, "auth": "xoauth2"}, "value.accessToken"),
    (
        "channels.email",
        {**MAIL, "smtp": {"host": "m.example", "security": "none"}},
        "value.smtp.security",
    ),
    ("channels.email", {**MAIL, "smtp": {"host": "m.example\r\nX"}}, "value.smtp.host"),
]


@pytest.mark.parametrize(("channel", "text"), PRINTED)
def test_what_the_manual_prints_is_accepted(admin: Person, channel: str, text: str) -> None:
    """With something in place of each ellipsis."""
    succeeded(put(admin, f"channels.{channel}", json.loads(text.replace("…", "0" * 32))))


def test_the_manual_prints_a_setting_for_every_channel_and_provider() -> None:
    assert [channel for channel, _ in PRINTED] == [
        "email",
        "sms",
        "web",
        "web",
        "whatsapp",
        "whatsapp",
    ]


@pytest.mark.parametrize(("key", "value"), GOOD)
def test_a_good_value_of_a_known_key(key: str, value: dict[str, Any], admin: Person) -> None:
    assert succeeded(put(admin, key, value))["value"] == value


@pytest.mark.parametrize(("key", "value", "hidden"), ACCOUNTS)
def test_an_account_that_is_complete_can_be_switched_on(
    key: str, value: dict[str, Any], hidden: set[str], admin: Person
) -> None:
    shown = flat(succeeded(put(admin, key, value))["value"])
    for name, held in flat(value).items():
        assert shown[name] == (MASK if name in hidden else held), name
    succeeded(
        put(
            admin,
            key,
            {**value, "imap": {**value["imap"], "password": MASK}} if "imap" in value else value,
        )
    )
    assert flat(settings.value(admin.db, key)) == flat(value)


def flat(value: dict[str, Any], path: str = "") -> dict[str, Any]:
    """`{"imap": {"host": …}}` → `{"imap.host": …}`."""
    found: dict[str, Any] = {}
    for name, held in value.items():
        found |= flat(held, f"{path}{name}.") if isinstance(held, dict) else {f"{path}{name}": held}
    return found


@pytest.mark.parametrize(("key", "value", "field"), BAD)
def test_a_bad_value_of_a_known_key_is_named(
    key: str, value: dict[str, Any], field: str, admin: Person
) -> None:
    before = succeeded(admin.get(f"/settings/{key}"))
    assert named(refused(put(admin, key, value), 400)) == {field}
    assert succeeded(admin.get(f"/settings/{key}")) == before


def test_what_a_known_key_does_not_say_keeps_its_default(admin: Person) -> None:
    succeeded(put(admin, "hotel", {"name": "Sol"}))
    assert settings.value(admin.db, "hotel")["timeZone"] == "UTC"


# ------------------------------------------------------------------------------------------------ secrets

SECRETS = {
    "secret": "s3cr3t-value",
    "accessToken": "s3cr3t-value",
    "password": "s3cr3t-value",
    "api_key": "s3cr3t-value",
    "apiKey": "s3cr3t-value",
    "privateKey": "s3cr3t-value",
    "credentials": "s3cr3t-value",
}


@pytest.mark.parametrize(
    "shape",
    [
        lambda secrets: secrets,
        lambda secrets: {"deep": {"deeper": secrets}},
        lambda secrets: {"accounts": [{"name": "a"}, secrets]},
        lambda secrets: {"credentials": {"user": "s3cr3t-value", "more": ["s3cr3t-value"]}},
        lambda secrets: {"password": ["s3cr3t-value", {"a": "s3cr3t-value"}]},
    ],
)
def test_no_secret_is_ever_shown(shape: Any, admin: Person, member: Person) -> None:
    put_answer = put(admin, "own", shape(SECRETS))
    succeeded(put_answer)
    for answer in (put_answer, member.get("/settings/own"), member.get("/settings")):
        assert "s3cr3t-value" not in answer.get_data(as_text=True)
        assert MASK in answer.get_data(as_text=True)
    assert "s3cr3t-value" in str(settings.value(admin.db, "own"))


def test_a_secret_number_is_not_shown_either(admin: Person) -> None:
    assert succeeded(put(admin, "own", {"password": 123456}))["value"] == {"password": MASK}


def test_an_empty_secret_is_shown_as_empty(admin: Person) -> None:
    value = {"secret": None, "token": "", "password": False}
    assert succeeded(put(admin, "own", value))["value"] == value


def test_what_is_no_secret_is_shown(admin: Person) -> None:
    value = {"tokenizer": "x", "secretary": "y", "keyboard": "z", "name": MASK}
    assert succeeded(put(admin, "own", value))["value"] == value


def test_putting_back_what_was_read_keeps_every_secret(admin: Person) -> None:
    stored = {"a": SECRETS, "list": [{"token": "one"}, {"token": "two"}], "n": 1}
    put(admin, "own", stored)
    shown = succeeded(admin.get("/settings/own"))["value"]
    succeeded(put(admin, "own", shown | {"n": 2}))
    assert settings.value(admin.db, "own") == stored | {"n": 2}


def test_a_new_secret_replaces_the_old(admin: Person) -> None:
    put(admin, "own", {"token": "old", "secret": "kept"})
    put(admin, "own", {"token": "new", "secret": MASK})
    assert settings.value(admin.db, "own") == {"token": "new", "secret": "kept"}


def test_a_secret_that_is_left_out_is_gone(admin: Person) -> None:
    put(admin, "own", {"token": "old"})
    put(admin, "own", {})
    assert settings.value(admin.db, "own") == {}


@pytest.mark.parametrize("left", [[1, 2], [2, 1], [2], [1]])
def test_secrets_in_a_list_stay_with_their_neighbours(left: list[int], admin: Person) -> None:
    accounts = [{"name": f"number {n}", "token": f"token {n}"} for n in (1, 2)]
    put(admin, "own", {"accounts": accounts})
    shown = succeeded(admin.get("/settings/own"))["value"]["accounts"]
    succeeded(put(admin, "own", {"accounts": [shown[n - 1] for n in left]}))
    kept = settings.value(admin.db, "own")["accounts"]
    assert kept == [accounts[n - 1] for n in left]


def test_an_element_that_is_changed_in_its_place_keeps_its_secret(admin: Person) -> None:
    put(admin, "own", {"accounts": [{"name": "a", "token": "t1"}, {"name": "b", "token": "t2"}]})
    changed = [{"name": "a", "token": MASK}, {"name": "c", "token": MASK}]
    succeeded(put(admin, "own", {"accounts": changed}))
    assert [one["token"] for one in settings.value(admin.db, "own")["accounts"]] == ["t1", "t2"]


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({"token": MASK}, "value.token"),
        ({"deep": {"token": MASK}}, "value.deep.token"),
        ({"list": [{"token": MASK}]}, "value.list.0.token"),
    ],
)
def test_a_mask_where_no_secret_is_kept_is_400(
    value: dict[str, Any], field: str, admin: Person
) -> None:
    assert named(refused(put(admin, "own", value), 400)) == {field}


def test_the_chats_secret_is_kept_by_its_mask(admin: Person) -> None:
    secret = "0123456789abcdef"
    shown = succeeded(put(admin, "channels.web", {"identitySecret": secret}))["value"]
    assert shown == {"identitySecret": MASK}
    succeeded(put(admin, "channels.web", shown | {"greeting": "Hola"}))
    assert settings.value(admin.db, "channels.web")["identitySecret"] == secret


def test_the_chat_cannot_begin_with_a_mask_for_a_secret(admin: Person) -> None:
    answer = put(admin, "channels.web", {"identitySecret": MASK})
    assert named(refused(answer, 400)) == {"value.identitySecret"}
