"""What the real providers refuse, the peers refuse: files of other types and sizes, templates nobody knows or fills in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.peers.listener import Listener
from tests.peers.meta import MetaPeer
from tests.peers.server import Answer, HttpServer, Request
from tests.peers.test_meta import code, post
from tests.peers.test_meta import send as by_meta
from tests.peers.test_twilio import ANA, EVA, told
from tests.peers.test_twilio import send as by_twilio
from tests.peers.twilio import TwilioPeer

KB, MB = 1024, 1024 * 1024
OPUS, VORBIS = b"OggS....OpusHead", b"OggS....\x01vorbis"


class Shelf:
    """A server with one file."""

    content, mime = b"", ""

    def answer(self, request: Request) -> Answer:
        return Answer(200, self.content, self.mime)


@pytest.fixture
def jack() -> Listener:
    return Listener()


@pytest.fixture
def shelf() -> Iterator[Any]:
    held = Shelf()
    server = HttpServer(held.answer)
    server.start()
    held.url = f"{server.url}/file"  # type: ignore[attr-defined]
    yield held
    server.stop()


@pytest.fixture
def meta(jack: Listener) -> Iterator[MetaPeer]:
    with MetaPeer(jack, trusting=True) as peer:
        yield peer


@pytest.fixture
def twilio(jack: Listener) -> Iterator[TwilioPeer]:
    with TwilioPeer(jack, trusting=True) as peer:
        yield peer


# ------------------------------------------------------------------------------------------------ files


@pytest.mark.parametrize(
    ("kind", "mime", "content", "taken"),
    [
        ("image", "image/jpeg", b"x" * 5 * MB, True),
        ("image", "image/jpeg", b"x" * (5 * MB + 1), False),
        ("image", "image/heic", b"x", False),
        ("image", "image/gif", b"x", False),
        ("image", "image/png", b"", False),
        ("audio", "audio/mpeg", b"x", True),
        ("audio", "audio/ogg; codecs=opus", OPUS, True),
        ("audio", "audio/ogg", VORBIS, False),
        ("audio", "audio/wav", b"x", False),
        ("video", "video/mp4", b"x" * 16 * MB, True),
        ("video", "video/mp4", b"x" * (16 * MB + 1), False),
        ("video", "video/quicktime", b"x", False),
        ("sticker", "image/webp", b"x", True),
        ("sticker", "image/webp", b"x" * (500 * KB + 1), False),
        ("document", "application/zip", b"x" * 17 * MB, True),
    ],
)
def test_meta_takes_the_files_it_documents(
    kind: str, mime: str, content: bytes, taken: bool, meta: MetaPeer, jack: Listener, shelf: Any
) -> None:
    shelf.content, shelf.mime = content, mime
    assert by_meta(meta, type=kind, **{kind: {"link": shelf.url}}).status_code == 200
    assert jack.statuses() == (["sent", "delivered"] if taken else ["failed"])
    if not taken:
        assert jack.values()[0]["statuses"][0]["errors"][0]["code"] == 131053
    assert len(meta.received[0].guest.inbox) == taken


def test_meta_takes_no_upload_it_could_not_send(meta: MetaPeer) -> None:
    def upload(mime: str, content: bytes) -> Any:
        form = {"messaging_product": "whatsapp", "type": mime}
        return post(meta, "media", data=form, files={"file": ("f", content, mime)})

    assert upload("image/jpeg", b"x").status_code == 200
    assert code(upload("application/pdf", b"")) == 100


@pytest.mark.parametrize(
    ("to", "mime", "content", "error"),
    [
        (ANA, "image/jpeg", b"x" * 5 * MB, None),
        (ANA, "image/jpeg", b"x" * (5 * MB + 1), "11751"),
        (ANA, "application/pdf", b"x" * 500 * KB, None),
        (ANA, "application/pdf", b"x" * (500 * KB + 1), "11751"),
        (ANA, "application/zip", b"x", "12300"),
        (EVA, "application/pdf", b"x" * 16 * MB, None),
        (EVA, "application/pdf", b"x" * (16 * MB + 1), "11751"),
        (EVA, "application/zip", b"x", "63021"),
        (EVA, "audio/ogg", OPUS, None),
        (EVA, "audio/ogg", VORBIS, "63021"),
    ],
)
def test_twilio_takes_the_files_it_documents(
    to: str,
    mime: str,
    content: bytes,
    error: str | None,
    twilio: TwilioPeer,
    jack: Listener,
    shelf: Any,
) -> None:
    shelf.content, shelf.mime = content, mime
    assert by_twilio(twilio, to, MediaUrl=shelf.url).status_code == 201
    found = [(one["MessageStatus"], one.get("ErrorCode")) for one in told(jack)]
    assert found == ([("failed", error)] if error else [("sent", None), ("delivered", None)])


# ------------------------------------------------------------------------------------------------ templates


def body(*parameters: dict[str, str]) -> dict[str, Any]:
    return {"components": [{"type": "body", "parameters": list(parameters)}]}


def text(value: str, name: str = "") -> dict[str, str]:
    return {"type": "text", "text": value, **({"parameter_name": name} if name else {})}


GOOD = {"name": "welcome", "language": {"code": "es_MX"}}
NAMED = {"name": "named", "language": {"code": "es_MX"}}


@pytest.mark.parametrize(
    ("template", "error"),
    [
        (GOOD | body(text("Ana")), None),
        (GOOD, 132000),
        (GOOD | body(text("Ana"), text("Eva")), 132000),
        (GOOD | body(text("Ana", "guest")), 132000),
        (GOOD | body(text("")), 131008),
        (GOOD | body({"type": "text"}), 131008),
        (GOOD | body({"text": "Ana"}), 131008),
        (GOOD | {"language": {"code": "en"}} | body(text("Ana")), 132001),
        (GOOD | {"name": "nobody_knows"} | body(text("Ana")), 132001),
        ({"name": "welcome"} | body(text("Ana")), 131008),
        ({"language": {"code": "es_MX"}} | body(text("Ana")), 131008),
        (NAMED | body(text("Ana", "guest"), text("7", "room")), None),
        (NAMED | body(text("Ana", "guest")), 132000),
        (NAMED | body(text("Ana", "guest"), text("7", "floor")), 132000),
        (NAMED | body(text("Ana"), text("7")), 132000),
    ],
)
def test_meta_knows_its_templates(
    template: dict[str, Any], error: int | None, meta: MetaPeer
) -> None:
    meta.templates |= {("welcome", "es_MX"): 1, ("named", "es_MX"): ("guest", "room")}
    answer = by_meta(meta, type="template", template=template)
    assert (None if answer.status_code == 200 else code(answer)) == error


WITH_BUTTONS = {"components": [
    {"type": "BODY", "text": "Hi"},
    {"type": "BUTTONS", "buttons": [
        {"type": "URL", "text": "See", "url": "https://hotel.example/{{1}}"}, {"type": "COPY_CODE", "example": "SUN25"},
        {"type": "URL", "text": "Site", "url": "https://hotel.example/"},
    ]},
]}  # fmt: skip
SEE = {"type": "button", "sub_type": "url", "index": "0", "parameters": [text("R1")]}
COUPON = {"type": "button", "sub_type": "copy_code", "index": "1", "parameters": [{"type": "coupon_code", "coupon_code": "SUN25"}]}  # fmt: skip


@pytest.mark.parametrize(("buttons", "error"), [
    ([SEE, COUPON], None), ([SEE], 131008), ([COUPON], 131008), ([SEE, COUPON | {"sub_type": "url"}], 132012),
    ([SEE | {"parameters": []}, COUPON], 131008), ([SEE, COUPON | {"parameters": [text("SUN25")]}], 131008),
    ([SEE, COUPON | {"parameters": [{"type": "coupon_code", "coupon_code": "A" * 16}]}], 132005), ([SEE, COUPON, SEE | {"index": "2"}], 132000),
])  # fmt: skip
def test_meta_wants_every_text_of_a_templates_buttons(
    buttons: list[dict[str, Any]], error: int | None, meta: MetaPeer
) -> None:
    meta.templates["coupon", "en"] = WITH_BUTTONS
    template = {"name": "coupon", "language": {"code": "en"}, "components": buttons}
    answer = by_meta(meta, type="template", template=template)
    assert (None if answer.status_code == 200 else code(answer)) == error


@pytest.mark.parametrize(("mime", "taken"), [("image/png", True), ("application/pdf", False)])
def test_meta_looks_at_the_file_of_a_header(
    mime: str, taken: bool, meta: MetaPeer, jack: Listener, shelf: Any
) -> None:
    shelf.content, shelf.mime = b"x", mime
    meta.templates["seen", "en"] = {"components": [{"type": "HEADER", "format": "IMAGE"}]}
    header = {"type": "header", "parameters": [{"type": "image", "image": {"link": shelf.url}}]}
    template = {"name": "seen", "language": {"code": "en"}, "components": [header]}
    assert by_meta(meta, type="template", template=template).status_code == 200
    assert jack.statuses() == (["sent", "delivered"] if taken else ["failed"])


@pytest.mark.parametrize(
    ("variables", "at_once", "later"),
    [
        ('{"1": "Ana", "room": "7"}', None, None),
        ('{"1": "Ana"}', None, "63028"),
        ('{"1": "Ana", "room": ""}', None, "63028"),
        (None, None, "63028"),
        ("no JSON", 21656, None),
        ('["Ana"]', 21656, None),
        ('{"1": 7}', 21656, None),
    ],
)
def test_twilio_wants_every_text_of_a_template(
    variables: str | None,
    at_once: int | None,
    later: str | None,
    twilio: TwilioPeer,
    jack: Listener,
) -> None:
    twilio.templates["HX1"] = "Hola {{1}}, habitación {{room}}"
    answer = by_twilio(twilio, EVA, Body=None, ContentSid="HX1", ContentVariables=variables)
    assert json.loads(answer.text).get("code") == at_once
    found = [one.get("ErrorCode") for one in told(jack) if one["MessageStatus"] == "failed"]
    assert found == ([later] if later else [])
