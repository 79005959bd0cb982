"""WhatsApp's templates: read from Meta by the worker, listed, checked before they are sent, and sent whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from jack.channels.registry import CHANNELS
from jack.core.db import Database
from jack.messaging.outgoing import SigningContext
from jack.resources.attachments import previews
from jack.resources.channel_accounts import store as accounts
from jack.resources.settings import store as settings
from jack.worker import pictures
from jack.worker.loop import Worker
from jack.worker.whatsapp_templates import SECONDS, Refresh
from tests.checks import coded, refused, succeeded
from tests.conftest import Person
from tests.peers.faults import refused as refusing
from tests.peers.hooks import to_app
from tests.peers.meta import MetaPeer
from tests.resources.attachments.samples import PDF, PNG
from tests.resources.attachments.sounds import HEIC
from tests.resources.attachments.test_upload import upload

ARRIVAL = {
    "category": "UTILITY",
    "components": [
        {"type": "HEADER", "format": "IMAGE", "example": {"header_handle": ["x"]}},
        {
            "type": "BODY",
            "text": "Hola {{1}}, habitación {{2}}.",
            "example": {"body_text": [["Ana", "302"]]},
        },
        {"type": "FOOTER", "text": "Hotel Sol"},
        {
            "type": "BUTTONS",
            "buttons": [
                {"type": "QUICK_REPLY", "text": "Gracias"},
                {"type": "URL", "text": "Reserva", "url": "https://hotel.example/r/{{1}}"},
            ],
        },
    ],
}
BODY = {"type": "BODY", "text": "Hi {{guest}}", "example": {"body_text_named_params": [{"param_name": "guest", "example": "Ana"}]}}  # fmt: skip
PLACE = {"components": [{"type": "HEADER", "format": "LOCATION"}, BODY | {"text": "Here we are"}]}
NAMED = {"status": "PAUSED", "components": [BODY]}
TITLED = {"components": [{"type": "HEADER", "format": "TEXT", "text": "Room {{1}}"}, BODY | {"text": "Ready"}]}  # fmt: skip
OFFER = {
    "category": "MARKETING",
    "components": [
        {"type": "HEADER", "format": "DOCUMENT"},
        BODY | {"text": "Three nights for two."},
        {
            "type": "BUTTONS",
            "buttons": [
                {"type": "QUICK_REPLY", "text": "Stop"},
                {"type": "COPY_CODE", "example": "SUN25"},
                {"type": "URL", "text": "Site", "url": "https://hotel.example/"},
            ],
        },
    ],
}
CODE = {"index": 1, "type": "copy_code", "text": "SUN25"}
DOCUMENT = {"type": "document", "link": "https://hotel.example/a", "filename": "offer.pdf"}
OFFERED = {"name": "offer", "language": "en", "header": DOCUMENT, "buttons": [CODE]}
LINK = {"type": "image", "link": "https://hotel.example/door.jpg"}
BUTTON = {"index": 1, "type": "url", "text": "R123"}
WHOLE = {"name": "arrival", "language": "es", "parameters": ["Ana", "302"], "header": LINK, "buttons": [BUTTON]}  # fmt: skip


@pytest.fixture
def meta(app: Flask, app_db: Database) -> Iterator[MetaPeer]:
    with MetaPeer(hook=to_app(app)) as peer:
        settings.put(app_db, "channels.whatsapp", peer.settings())
        peer.templates.update(
            {
                ("arrival", "es"): ARRIVAL,
                ("place", "en"): PLACE,
                ("named", "en"): NAMED,
                ("titled", "en"): TITLED,
                ("offer", "en"): OFFER,
            }
        )
        yield peer


@pytest.fixture
def talk(meta: MetaPeer, member: Person) -> str:
    """The path of the messages of a guest who has written."""
    meta.guest("5215512345678", "Ana").says("Hola")
    return f"/conversations/{succeeded(member.get('/conversations'))[0]['id']}/messages"


def refresh(db: Database) -> Refresh:
    found = Refresh(CHANNELS, "http://hotel.example")
    assert found.due(db)
    found.run(db)
    return found


def listed(who: Person, query: str = "") -> list[dict[str, Any]]:
    return list(succeeded(who.get(f"/channels/whatsapp/templates{query}")))


def sent_with(meta: MetaPeer, db: Database, app: Flask) -> dict[str, Any]:
    """The body of the one message that Meta has been given."""
    state = app.extensions["jack"]
    worker = Worker(
        state.databases, state.config.worker_lock, signing=SigningContext("s" * 32, meta.url)
    )
    while not meta.received:
        worker.send_due(db)
    worker.finish(db)
    return dict(meta.received[-1].body["template"])


def test_the_worker_reads_what_there_is(member: Person, meta: MetaPeer) -> None:
    assert listed(member) == []
    refresh(member.db)
    arrival, named, _, place, titled = listed(member)
    assert arrival == {
        "name": "arrival",
        "language": "es",
        "status": "approved",
        "category": "utility",
        "header": {"type": "image", "text": None, "parameters": []},
        "body": "Hola {{1}}, habitación {{2}}.",
        "footer": "Hotel Sol",
        "buttons": [
            {"type": "quick_reply", "text": "Gracias", "url": None, "parameter": False},
            {
                "type": "url",
                "text": "Reserva",
                "url": "https://hotel.example/r/{{1}}",
                "parameter": True,
            },
        ],
        "parameters": [{"name": "1", "example": "Ana"}, {"name": "2", "example": "302"}],
    }
    assert (named["status"], named["parameters"]) == (
        "paused",
        [{"name": "guest", "example": "Ana"}],
    )
    assert place["header"]["type"] == "location"
    assert titled["header"]["parameters"] == [{"name": "1", "example": None}]
    assert [one["name"] for one in listed(member, "?status=approved&limit=1&page=3")] == ["place"]


def test_they_are_read_to_the_last_page_and_again_after_ten_minutes(
    member: Person, meta: MetaPeer
) -> None:
    meta.templates = {(f"t{n:03}", "en"): 0 for n in range(205)}
    now = [0.0]
    found = Refresh(CHANNELS, "", lambda: now[0])
    found.run(member.db)
    assert succeeded_total(member) == 205
    assert not found.due(member.db)
    meta.templates = {("one", "en"): 1}
    now[0] = SECONDS
    assert found.due(member.db)
    found.run(member.db)
    assert [one["name"] for one in listed(member)] == ["one"]
    settings.put(member.db, "channels.whatsapp", meta.settings() | {"enabled": False})
    found.run(member.db)
    assert listed(member) == []
    assert not found.due(member.db)


def succeeded_total(who: Person) -> int:
    return int(who.get("/channels/whatsapp/templates").json["meta"]["total"])


def test_a_named_business_account_is_asked_at_once(member: Person, meta: MetaPeer) -> None:
    value = meta.settings() | {"businessAccountId": meta.business}
    settings.put(member.db, "channels.whatsapp", value)
    refresh(member.db)
    assert not any("health_status" in request.query for request in meta.requests)
    assert len(listed(member)) == 5


def test_what_is_known_stays_when_meta_does_not_tell(member: Person, meta: MetaPeer) -> None:
    found = refresh(member.db)
    meta.faults.add(refusing(403, 10, on="account"))
    found.run(member.db)
    assert len(listed(member)) == 5
    assert (
        "Templates: " in accounts.get(member.db, f"whatsapp:{meta.phone_number_id}")["last_error"]
    )


def test_a_template_goes_with_header_texts_and_buttons_and_is_shown_as_it_reads(
    talk: str, member: Person, meta: MetaPeer, app: Flask
) -> None:
    refresh(member.db)
    made = succeeded(member.post(talk, {"type": "template", "template": WHOLE}), 201)
    assert made["content"] == "Hola Ana, habitación 302.\n\nHotel Sol"
    assert made["details"] == {"template": WHOLE}
    assert sent_with(meta, member.db, app)["components"] == [
        {"type": "header", "parameters": [{"type": "image", "image": {"link": LINK["link"]}}]},
        {
            "type": "body",
            "parameters": [{"type": "text", "text": "Ana"}, {"type": "text", "text": "302"}],
        },
        {
            "type": "button",
            "sub_type": "url",
            "index": "1",
            "parameters": [{"type": "text", "text": "R123"}],
        },
    ]


def test_the_file_of_a_header_may_be_uploaded(
    talk: str, member: Person, meta: MetaPeer, app: Flask
) -> None:
    refresh(member.db)
    file = succeeded(upload(member, PNG, "door.png"), 201)["id"]
    template = WHOLE | {"header": {"type": "image"}}
    body = {"type": "template", "template": template, "attachmentIds": [file]}
    made = succeeded(member.post(talk, body), 201)
    assert (made["type"], len(made["attachments"])) == ("template", 1)
    header = sent_with(meta, member.db, app)["components"][0]["parameters"][0]
    assert f"/files/{file}?" in header["image"]["link"]


def test_a_place_and_a_title_are_headers_too(
    talk: str, member: Person, meta: MetaPeer, app: Flask
) -> None:
    refresh(member.db)
    title = {"name": "titled", "language": "en", "header": {"type": "text", "text": "302"}}
    made = succeeded(member.post(talk, {"type": "template", "template": title}), 201)
    assert made["content"] == "Room 302\n\nReady"
    at = {"type": "location", "latitude": 21.1, "longitude": -86.8, "name": "Hotel Sol"}
    place = {"name": "place", "language": "en", "header": at}
    succeeded(member.post(talk, {"type": "template", "template": place}), 201)
    assert sent_with(meta, member.db, app)["components"][0]["parameters"] == [
        {"type": "text", "text": "302"}
    ]


def test_a_document_a_code_and_a_quick_reply_go_as_meta_wants_them(
    talk: str, member: Person, meta: MetaPeer, app: Flask
) -> None:
    refresh(member.db)
    known = next(one for one in listed(member) if one["name"] == "offer")
    assert (known["category"], known["header"]["type"]) == ("marketing", "document")
    assert [one["parameter"] for one in known["buttons"]] == [False, True, False]
    reply = {"index": 0, "type": "quick_reply", "text": "stop-offers"}
    template = OFFERED | {"buttons": [reply, CODE]}
    succeeded(member.post(talk, {"type": "template", "template": template}), 201)
    payload = {"type": "payload", "payload": "stop-offers"}
    coupon = {"type": "coupon_code", "coupon_code": "SUN25"}
    file = {"link": "https://hotel.example/a", "filename": "offer.pdf"}
    assert sent_with(meta, member.db, app)["components"] == [
        {"type": "header", "parameters": [{"type": "document", "document": file}]},
        {"type": "button", "sub_type": "quick_reply", "index": "0", "parameters": [payload]},
        {"type": "button", "sub_type": "copy_code", "index": "1", "parameters": [coupon]},
    ]


def test_a_place_goes_as_meta_wants_it(
    talk: str, member: Person, meta: MetaPeer, app: Flask
) -> None:
    at = {"latitude": 21.1, "longitude": -86.8, "name": "Hotel Sol", "address": "Calle 1"}
    place = {"name": "place", "language": "en", "header": {"type": "location", **at}}
    refresh(member.db)
    succeeded(member.post(talk, {"type": "template", "template": place}), 201)
    header = {"type": "header", "parameters": [{"type": "location", "location": at}]}
    assert sent_with(meta, member.db, app)["components"] == [header]


@pytest.mark.parametrize(
    ("template", "files", "wrong"),
    [
        (WHOLE | {"header": {"type": "image"}}, [PDF], ("attachmentIds.0", "unsupported_file")),
        (WHOLE | {"header": {"type": "image"}}, [PNG, PNG], ("attachmentIds", "invalid")),
        (WHOLE, [PNG], ("attachmentIds", "invalid")),
        ({"name": "place", "language": "en", "header": {"type": "location", "latitude": 1, "longitude": 1}}, [PNG], ("attachmentIds", "invalid")),
        ({"name": "nobody_knows", "language": "en"}, [PNG], ("attachmentIds", "invalid")),
        (WHOLE | {"header": {"type": "image"}}, [HEIC], ("attachmentIds.0", "unsupported_file")),
        (OFFERED | {"header": {"type": "document"}}, [PDF], None),
        (OFFERED | {"header": {"type": "document"}}, [PNG], None),
    ],
)  # fmt: skip
def test_a_file_that_would_not_leave_with_a_template_is_refused(
    template: dict[str, Any],
    files: list[bytes],
    wrong: tuple[str, str] | None,
    talk: str,
    member: Person,
) -> None:
    refresh(member.db)
    ids = [succeeded(upload(member, one, "a file"), 201)["id"] for one in files]
    answer = member.post(talk, {"type": "template", "template": template, "attachmentIds": ids})
    if wrong is None:
        assert len(succeeded(answer, 201)["attachments"]) == 1
    else:
        assert coded(refused(answer, 400)) == {wrong}


def test_a_picture_that_leaves_as_a_jpeg_is_a_header_once_it_has_one(
    talk: str, member: Person
) -> None:
    refresh(member.db)
    file = succeeded(upload(member, HEIC, "door.heic"), 201)["id"]
    template = WHOLE | {"header": {"type": "image"}}
    body = {"type": "template", "template": template, "attachmentIds": [file]}
    error = refused(member.post(talk, body), 400)
    assert "JPEG" in error["details"][0]["message"]
    previews.convert_due(member.db, lambda: None, pictures.to_jpeg)
    [sent] = succeeded(member.post(talk, body), 201)["attachments"]
    assert sent["previewUrl"]


@pytest.mark.parametrize(("template", "button"), [
    (WHOLE, {"index": 0, "type": "url", "text": "x"}), (WHOLE, {"index": 0, "type": "copy_code", "text": "x"}),
    (OFFERED, {"index": 2, "type": "url", "text": "x"}), (OFFERED, {"index": 3, "type": "quick_reply", "text": "x"}),
])  # fmt: skip
def test_a_text_for_a_button_that_takes_none_is_refused(
    template: dict[str, Any], button: dict[str, Any], talk: str, member: Person
) -> None:
    refresh(member.db)
    given = template | {"buttons": [*template["buttons"], button]}
    error = refused(member.post(talk, {"type": "template", "template": given}), 400)
    assert coded(error) == {("template.buttons", "invalid")}


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"parameters": ["Ana"]}, "template.parameters", "invalid"),
        ({"parameters": {"1": "Ana", "guest": "x"}}, "template.parameters", "invalid"),
        ({"header": None}, "template.header", "required"),
        ({"header": {"type": "image"}}, "template.header.link", "required"),
        ({"header": {"type": "document", "link": "https://x.example/a"}}, "template.header.type", "invalid"),
        ({"header": {"type": "image", "link": "http://x.example/a"}}, "template.header.link", "not_a_url"),
        ({"header": {"type": "location", "latitude": 1}}, "template.header.longitude", "required"),
        ({"header": {"type": "location", "latitude": 91, "longitude": 1}}, "template.header.latitude", "out_of_range"),
        ({"header": {"type": "location", "latitude": "1", "longitude": 1}}, "template.header.latitude", "wrong_type"),
        ({"buttons": None}, "template.buttons", "required"),
        ({"buttons": [BUTTON, BUTTON | {"index": 2}]}, "template.buttons", "invalid"),
        ({"buttons": [BUTTON | {"index": 10}]}, "template.buttons.0.index", "out_of_range"),
        ({"components": {}}, "template.components", "wrong_type"),
        ({"components": [{"type": "body"}] * 21}, "template.components", "too_many"),
        ({"name": "named", "language": "en", "parameters": {"guest": "Ana"}}, "template.name", "invalid"),
    ],
)  # fmt: skip
def test_what_a_template_lacks_is_said_before_it_is_sent(
    change: dict[str, Any], field: str, code: str, talk: str, member: Person, meta: MetaPeer
) -> None:
    refresh(member.db)
    template = {name: value for name, value in (WHOLE | change).items() if value is not None}
    error = refused(member.post(talk, {"type": "template", "template": template}), 400)
    assert coded(error) == {(field, code)}


def test_a_template_that_is_not_known_here_is_left_to_meta(talk: str, member: Person) -> None:
    for part in ({"header": LINK}, {"buttons": [BUTTON]}, {"components": []}):
        template = {"name": "prearrival", "language": "es", "parameters": ["Ari"], **part}
        made = succeeded(member.post(talk, {"type": "template", "template": template}), 201)
        assert made["content"] == "[prearrival]"


def test_components_in_metas_own_form_go_as_they_are(
    talk: str, member: Person, meta: MetaPeer, app: Flask
) -> None:
    meta.templates["coupon", "en"] = 0
    raw = [{"type": "button", "sub_type": "flow", "index": "0", "parameters": []}]
    template = {"name": "coupon", "language": "en", "components": raw}
    succeeded(member.post(talk, {"type": "template", "template": template}), 201)
    assert sent_with(meta, member.db, app)["components"] == raw
