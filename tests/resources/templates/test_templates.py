"""Templates: what may be saved, what a guest reads, and what is refused because it cannot be filled in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from jack.channels.types import MessageTemplate
from jack.core import placeholders
from jack.resources.api_keys import store as api_keys
from jack.resources.channel_accounts import templates as approved
from jack.resources.conversations import store as conversations
from jack.resources.guests import store as guests
from jack.resources.settings import store as settings
from jack.resources.templates import filling
from jack.resources.webhooks import event_data
from tests.builders import make_conversation, make_guest, make_stay, make_template
from tests.checks import refused, succeeded
from tests.conftest import Person
from tests.resources.attachments.samples import PNG
from tests.resources.attachments.test_upload import upload

WIFI: Any = {"items": [{"name": "wifi_password", "value": "sea{side}"}]}
ALL = ["whatsapp", "sms", "email", "web"]


def types(person: Person) -> list[str]:
    return person.db.column("SELECT type FROM events WHERE type LIKE 'template.%' ORDER BY seq")


def codes(answer: Any) -> set[tuple[str, str]]:
    """The fields that a refusal names, and why."""
    return {(one["field"], one["code"]) for one in answer.json["error"]["details"]}


@pytest.fixture
def ana(manager: Person) -> Any:
    """A guest at the hotel who speaks Spanish and chats."""
    settings.put(manager.db, "hotel", {"name": "Hotel Sol", "language": "en", "timeZone": "UTC"})
    settings.put(manager.db, "variables", WIFI)
    talk = make_conversation(manager.db, name="Ana")
    guests.change(manager.db, talk["guest_id"], name="Ana Ruiz", language="es-MX")
    stay = {"arrival": "2026-05-28", "departure": "2026-05-31", "status": "in_house"}
    guest = talk["guest_id"]
    made = make_stay(manager.db, guest_id=guest, room="302", confirmation="JK-1", **stay)
    return {"talk": talk["id"], "guest": guest, "stay": made["id"]}


# ------------------------------------------------------------------------------------------------ the resource


def test_a_template_is_answered_whole_and_every_change_is_told(manager: Person) -> None:
    sent = {
        "name": "Welcome",
        "shortcut": "hi",
        "texts": {"en": "Dear {first_name}", "es": "Hola, {first_name}"},
        "channels": ["email", "whatsapp"],
        "whatsappTemplate": {"name": "welcome", "parameters": ["{first_name}"]},
    }
    made = succeeded(manager.post("/templates", sent), 201)
    stamps = {name: made[name] for name in ("id", "createdAt", "updatedAt")}
    assert made == {**sent, **stamps, "channels": ["whatsapp", "email"]}
    assert made["id"].startswith("tpl-")
    path = f"/templates/{made['id']}"
    changed = succeeded(manager.patch(path, {"texts": {"es": "¡Hola!"}, "whatsappTemplate": None}))
    assert (changed["texts"], changed["whatsappTemplate"]) == ({"es": "¡Hola!"}, None)
    succeeded(manager.delete(path))
    refused(manager.get(path), 404)
    assert types(manager) == ["template.created", "template.updated", "template.deleted"]
    names = manager.db.value("SELECT changed FROM events WHERE type = 'template.updated'")
    assert names == '["texts","whatsappTemplate"]'


def test_a_webhook_is_told_the_template_as_the_api_shows_it(manager: Person) -> None:
    made = succeeded(manager.post("/templates", {"name": "A", "texts": {"en": "Hi"}}), 201)
    row = event_data.event(manager.db, manager.db.value("SELECT max(seq) FROM events"))
    assert row is not None
    told = event_data.body(manager.db, "dlv-1", "template.created", row, include_notes=False)
    assert told["data"] == {"template": made}
    assert told["actor"] == {"type": "staff", "id": manager.id, "name": "Marta Test"}


def test_a_name_and_a_text_are_all_it_needs_and_the_list_is_by_name(manager: Person) -> None:
    for name in ("B", "A"):
        made = succeeded(manager.post("/templates", {"name": name, "texts": {"en": "Hi"}}), 201)
        assert (made["channels"], made["shortcut"]) == (ALL, None)
    make_template(manager.db, name="C", channels=["sms"], shortcut="c")

    def listed(query: str) -> str:
        return "".join(one["name"] for one in succeeded(manager.get(f"/templates{query}")))

    assert [listed(query) for query in ("", "?channel=web", "?shortcut=c")] == ["ABC", "AB", "C"]


def test_a_shortcut_belongs_to_one(manager: Person) -> None:
    first = make_template(manager.db, shortcut="hi")
    answer = manager.post("/templates", {"name": "B", "texts": {"en": "Hi"}, "shortcut": "hi"})
    assert refused(answer, 409)["existingId"] == first["id"]
    other = make_template(manager.db)
    refused(manager.patch(f"/templates/{other['id']}", {"shortcut": "hi"}), 409)
    assert manager.get(f"/templates/{other['id']}").json["data"]["shortcut"] is None


UNSAVED: list[tuple[dict[str, Any], str, str]] = [
    ({"texts": {"en": "Hi {guest}"}}, "texts.en", "unknown_variable"),
    ({"texts": {"en": "Hi", "es": "Hola {guest_name"}}, "texts.es", "unknown_variable"),
    ({"texts": {"en": "Hi guest_name}"}}, "texts.en", "unknown_variable"),
    ({"texts": {"en": "Hi { guest_name }"}}, "texts.en", "unknown_variable"),
    ({"texts": {"en": "Hi {{guest_name}}"}}, "texts.en", "unknown_variable"),
    (
        {"whatsappTemplate": {"name": "w", "parameters": ["{guest_name}", "{guest}"]}},
        "whatsappTemplate.parameters.1",
        "unknown_variable",
    ),
    ({"texts": {}}, "texts", "too_short"),
    ({"texts": {"English": "Hi"}}, "texts.English", "not_a_language"),
    ({"texts": {"en": " "}}, "texts.en", "blank"),
    ({"texts": {"en": "x" * 4097}}, "texts.en", "too_long"),
    ({"texts": {"en": "Hi", "EN": "Hi"}}, "texts", "invalid"),
    ({"texts": "Hi"}, "texts", "wrong_type"),
    ({"channels": []}, "channels", "too_short"),
    ({"shortcut": "Say hi"}, "shortcut", "invalid"),
]


def test_what_no_guest_should_read_is_not_saved(manager: Person) -> None:
    made = make_template(manager.db)
    for body, field, code in UNSAVED:
        answer = manager.post("/templates", {"name": "A", "texts": {"en": "Hi"}, **body})
        refused(answer, 400)
        assert codes(answer) == {(field, code)}, body
        assert codes(manager.patch(f"/templates/{made['id']}", body)) == {(field, code)}


def test_the_hotel_has_variables_of_its_own(admin: Person) -> None:
    body = {"name": "Wi-Fi", "texts": {"en": "It is {wifi_password}"}}
    assert codes(admin.post("/templates", body)) == {("texts.en", "unknown_variable")}
    assert succeeded(admin.put("/settings/variables", {"value": WIFI}))["value"] == WIFI
    succeeded(admin.post("/templates", body), 201)
    for name, field in (("Wi-Fi", "name"), ("guest_name", "name")):
        wrong = {"items": [{"name": name, "value": "x"}]}
        answer = admin.put("/settings/variables", {"value": wrong})
        assert {one for one, _ in codes(answer)} == {f"value.items.0.{field}"}
    twice = {"items": [*WIFI["items"], *WIFI["items"]]}
    assert codes(admin.put("/settings/variables", {"value": twice})) == {("value.items", "invalid")}


# ------------------------------------------------------------------------------------------------ filled in


def test_braces_that_are_meant_are_braces_and_values_are_not_read_again() -> None:
    text = r"\{guest_name\} is {guest_name}, C:\n in {room_number}"
    assert placeholders.names(text) == ["guest_name", "room_number"]
    filled = placeholders.fill(text, {"guest_name": "{room_number}", "room_number": "7"})
    assert filled == r"{guest_name} is {room_number}, C:\n in 7"


def test_a_preview_is_what_the_guest_would_read(ana: Any, manager: Person) -> None:
    text = (
        "{guest_name}|{first_name}|{room_number}|{check_in_date}|{check_out_date}|{nights}|"
        r"{confirmation}|{hotel_name}|{staff_name}|{wifi_password}|\{x\}"
    )
    made = make_template(manager.db, texts={"en": "Hi", "es": text})
    events = manager.db.value("SELECT max(seq) FROM events")
    path = f"/templates/{made['id']}/preview"
    named = {"guestId": ana["guest"], "conversationId": ana["talk"], "stayId": ana["stay"]}
    found = [succeeded(manager.post(path, {field: id})) for field, id in named.items()]
    assert (
        found
        == [
            {
                "content": "Ana Ruiz|Ana|302|jueves, 28 de mayo de 2026|domingo, 31 de mayo de 2026|3|JK-1|"
                "Hotel Sol|Marta Test|sea{side}|{x}",
                "language": "es",
                "missing": [],
            }
        ]
        * 3
    )
    assert manager.db.value("SELECT max(seq) FROM events") == events


def test_a_companion_reads_of_the_stay_they_share(ana: Any, manager: Person) -> None:
    friend = make_guest(manager.db, name="Ben")["id"]
    succeeded(manager.patch(f"/stays/{ana['stay']}", {"companions": [friend]}))
    made = make_template(manager.db, "{first_name} {room_number}")
    filled = succeeded(manager.post(f"/templates/{made['id']}/preview", {"guestId": friend}))
    assert (filled["content"], filled["missing"]) == ("Ben 302", [])


def test_a_preview_names_what_is_missing(manager: Person) -> None:
    guest = make_guest(manager.db, name="+34600111222", language="fr")
    text = "Room {room_number}, {first_name}, {hotel_name}, {room_number}"
    made = make_template(manager.db, text)
    filled = succeeded(manager.post(f"/templates/{made['id']}/preview", {"guestId": guest["id"]}))
    assert filled["missing"] == ["room_number", "first_name"]
    assert filled["content"] == "Room {room_number}, {first_name}, Our hotel, {room_number}"
    assert filled["language"] == "en"


NEAREST: list[tuple[str | None, list[str], str]] = [
    ("es-MX", ["en", "es"], "es"),
    ("es", ["en", "es-ES"], "es-ES"),
    ("pt-BR", ["pt-PT", "pt-BR"], "pt-BR"),
    ("fr", ["es", "de"], "de"),  # the hotel's
    (None, ["es", "en"], "en"),
    (None, ["fi", "et"], "fi"),
]


def test_the_language_is_the_nearest_to_the_guests(manager: Person) -> None:
    settings.put(manager.db, "hotel", {"name": "H", "language": "de", "timeZone": "UTC"})
    for language, texts, found in NEAREST:
        guest = make_guest(manager.db, language=language)
        made = make_template(manager.db, texts=dict.fromkeys(texts, "x"))
        path = f"/templates/{made['id']}/preview"
        assert succeeded(manager.post(path, {"guestId": guest["id"]}))["language"] == found
    answer = manager.post(path, {"guestId": guest["id"], "language": "ja"})
    assert codes(answer) == {("language", "not_a_choice")}


DAYS = [
    ("en", "Thursday, May 28, 2026"),
    ("en-GB", "Thursday, 28 May 2026"),
    ("de-AT", "Donnerstag, 28. Mai 2026"),
    ("zh-Hant-TW", "2026年5月28日 星期四"),
    ("xx", "Thursday, May 28, 2026"),
    ("en-XXXXXXXX", "Thursday, May 28, 2026"),
]


def test_days_are_written_as_the_guest_writes_them() -> None:
    assert [(tag, filling.day("2026-05-28", tag)) for tag, _ in DAYS] == DAYS


FIRST_NAMES = [
    ("John Smith", "John"),
    ("Smith, John", "John"),
    ("Mr. Smith", "Mr. Smith"),
    ("Señora Ruiz", "Señora Ruiz"),
    ("田中太郎", "田中太郎"),
    ("Web visitor", None),
    ("+34 600 111 222", None),
    ("ana@example.com", None),
]


def test_a_guest_is_called_by_their_first_name(manager: Person) -> None:
    made = make_template(manager.db, "{first_name}")
    for name, first in FIRST_NAMES:
        guest = make_guest(manager.db, name=name)["id"]
        filled = succeeded(manager.post(f"/templates/{made['id']}/preview", {"guestId": guest}))
        assert (filled["content"] if not filled["missing"] else None) == first


def test_a_preview_is_for_one_of_three_that_exist(ana: Any, manager: Person) -> None:
    path = f"/templates/{make_template(manager.db)['id']}/preview"
    assert codes(manager.post(path, {})) == {("guestId", "required")}
    two = {"guestId": ana["guest"], "stayId": ana["stay"]}
    assert codes(manager.post(path, two)) == {("guestId", "invalid")}
    for field in ("guestId", "conversationId", "stayId"):
        assert codes(manager.post(path, {field: "x-none"})) == {(field, "no_such")}
    refused(manager.post("/templates/tpl-none/preview", {"guestId": ana["guest"]}), 404)


# ------------------------------------------------------------------------------------------------ sent


def test_a_template_is_sent_filled_in(ana: Any, manager: Person) -> None:
    made = make_template(manager.db, texts={"en": "Hi {first_name}", "es": "Hola, {first_name}"})
    path = f"/conversations/{ana['talk']}/messages"
    sent = succeeded(manager.post(path, {"templateId": made["id"]}), 201)
    assert (sent["content"], sent["type"], sent["status"]) == ("Hola, Ana", "text", "queued")
    english = {"templateId": made["id"], "language": "en-GB", "delaySeconds": 5}
    assert succeeded(manager.post(path, english), 201)["content"] == "Hi Ana"


def test_what_cannot_be_filled_in_is_not_sent(ana: Any, manager: Person) -> None:
    path = f"/conversations/{ana['talk']}/messages"
    made = make_template(manager.db, "{wifi_password} {room_number} {confirmation}")
    settings.put(manager.db, "variables", {"items": []})
    stay = {"room": None, "confirmation": None}
    succeeded(manager.patch(f"/stays/{ana['stay']}", stay))
    answer = manager.post(path, {"templateId": made["id"]})
    error = refused(answer, 400)
    assert error["message"] == "templateId: No value for wifi_password, room_number, confirmation."
    assert [one["code"] for one in error["details"]] == ["missing_value"] * 3
    long = make_template(manager.db, "x" * 4090 + "{guest_name}")
    assert codes(manager.post(path, {"templateId": long["id"]})) == {("templateId", "too_long")}
    assert manager.db.value("SELECT count(*) FROM messages WHERE direction = 'outbound'") == 0


UNFIT: list[tuple[dict[str, Any], str, str]] = [
    ({"content": "Hi"}, "templateId", "invalid"),
    ({"type": "note"}, "templateId", "invalid"),
    (
        {"type": "template", "template": {"name": "a", "language": "en"}},
        "templateId",
        "invalid",
    ),
    ({"templateId": "tpl-none"}, "templateId", "no_such"),
    ({"language": "fr"}, "language", "not_a_choice"),
]


def test_what_does_not_go_with_a_template(ana: Any, manager: Person) -> None:
    made = make_template(manager.db)
    path = f"/conversations/{ana['talk']}/messages"
    for body, field, code in UNFIT:
        assert codes(manager.post(path, {"templateId": made["id"], **body})) == {(field, code)}
    assert codes(manager.post(path, {"content": "Hi", "language": "en"})) == {
        ("language", "invalid")
    }


def test_a_template_for_other_channels_is_not_sent(ana: Any, manager: Person) -> None:
    made = make_template(manager.db, channels=["sms"])
    answer = manager.post(f"/conversations/{ana['talk']}/messages", {"templateId": made["id"]})
    assert codes(answer) == {("templateId", "invalid")}


def test_a_key_needs_to_read_guests_to_see_what_one_would_read(ana: Any, manager: Person) -> None:
    path = f"/api/v1/templates/{make_template(manager.db)['id']}/preview"

    stay = make_stay(manager.db, guest_id=ana["guest"])["id"]

    def status(*scopes: str, **body: str) -> int:
        token = api_keys.create(manager.db, name="k", scopes=list(scopes), by=manager.id)["token"]
        headers = {"Authorization": f"Bearer {token}"}
        sent = body or {"guestId": ana["guest"]}
        return int(manager._client.post(path, json=sent, headers=headers).status_code)

    assert [status("templates:write"), status("guests:read")] == [403, 403]
    both = ("templates:read", "guests:read")
    assert [status(*both), status(*both, stayId=stay)] == [200, 403]
    assert status(*both, "stays:read", stayId=stay) == 200


# ------------------------------------------------------------------------------------------------ WhatsApp


def _approved(language: str, *names: str) -> MessageTemplate:
    return MessageTemplate(
        name="welcome",
        language=language,
        status="approved",
        category="utility",
        header=None,
        body=" ".join(f"{{{{{name}}}}}" for name in names),
        footer=None,
        buttons=(),
        parameters=tuple({"name": name, "example": None} for name in names),
    )


@pytest.fixture
def closed(manager: Person) -> tuple[str, str]:
    """A WhatsApp conversation whose 24 hours are over, and its guest."""
    account = {"enabled": True, "provider": "meta", "phoneNumberId": "1", "accessToken": "token"}
    secrets = {"appSecret": "0123456789abcdef", "verifyToken": "verify"}
    settings.put(manager.db, "channels.whatsapp", account | secrets)
    guest = make_guest(manager.db, name="Ana Ruiz", language="es", phone="+34600111222")
    make_stay(manager.db, guest_id=guest["id"], room="302", status="in_house")
    talk = conversations.create(manager.db, guest_id=guest["id"], channel="whatsapp")
    return f"/conversations/{talk['id']}/messages", guest["id"]


WELCOME = {"name": "welcome", "parameters": ["{first_name}", "room {room_number}"]}


def test_after_the_24_hours_the_approved_one_goes(closed: Any, manager: Person) -> None:
    path, _ = closed
    known = [_approved("en", "1", "2"), _approved("es_MX", "1", "2")]
    approved.replace(manager.db, known)
    plain = make_template(manager.db)
    assert (
        refused(manager.post(path, {"templateId": plain["id"]}), 409)["reason"] == "window_closed"
    )
    made = make_template(manager.db, whatsapp_template=WELCOME)
    sent = succeeded(manager.post(path, {"templateId": made["id"]}), 201)
    assert (sent["type"], sent["content"]) == ("template", "Ana room 302")
    parameters = ["Ana", "room 302"]
    template = {"name": "welcome", "language": "es_MX", "parameters": parameters}
    assert sent["details"]["template"] == template


def test_an_approved_one_with_names_gets_its_texts_by_name(closed: Any, manager: Person) -> None:
    path, _ = closed
    approved.replace(manager.db, [_approved("es", "guest", "room")])
    made = make_template(manager.db, whatsapp_template=WELCOME)
    sent = succeeded(manager.post(path, {"templateId": made["id"]}), 201)
    assert sent["details"]["template"]["parameters"] == {"guest": "Ana", "room": "room 302"}


def test_a_file_is_the_header_of_an_approved_one_that_wants_one(
    closed: Any, manager: Person
) -> None:
    path, _ = closed
    header: dict[str, object] = {"type": "image", "text": None, "parameters": []}
    bare = _approved("es", "1", "2")
    approved.replace(manager.db, [replace(bare, header=header), replace(bare, name="bare")])
    ids = [succeeded(upload(manager, PNG, "door.png"), 201)["id"]]
    made = make_template(manager.db, whatsapp_template=WELCOME)
    sent = succeeded(manager.post(path, {"templateId": made["id"], "attachmentIds": ids}), 201)
    assert sent["details"]["template"]["header"] == {"type": "image"}
    assert len(sent["attachments"]) == 1
    without = make_template(manager.db, whatsapp_template=WELCOME | {"name": "bare"}, name="Bare")
    more = [succeeded(upload(manager, PNG, "door.png"), 201)["id"]]
    answer = manager.post(path, {"templateId": without["id"], "attachmentIds": more})
    assert codes(answer) == {("attachmentIds", "invalid")}


def test_an_approved_one_that_cannot_go_is_refused_by_the_field_that_was_sent(
    closed: Any, manager: Person
) -> None:
    path, guest = closed
    approved.replace(manager.db, [_approved("es", "1")])
    made = make_template(manager.db, whatsapp_template=WELCOME)
    assert codes(manager.post(path, {"templateId": made["id"]})) == {("templateId", "invalid")}
    guests.change(manager.db, guest, name="WhatsApp guest")
    answer = manager.post(path, {"templateId": made["id"]})
    assert codes(answer) == {("templateId", "missing_value")}


def test_within_the_24_hours_its_own_text_goes(ana: Any, manager: Person) -> None:
    made = make_template(manager.db, whatsapp_template=WELCOME)
    sent = manager.post(f"/conversations/{ana['talk']}/messages", {"templateId": made["id"]})
    assert succeeded(sent, 201)["type"] == "text"
