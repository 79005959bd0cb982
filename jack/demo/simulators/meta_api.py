"""What of Meta's Cloud API can be called: messages, read marks, files, and the number itself."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from jack.demo.simulators.addresses import BSUID, digits, wamid
from jack.demo.simulators.faults import Call, Fault
from jack.demo.simulators.files import fetched, parts_of
from jack.demo.simulators.media_rules import meta_takes, meta_takes_upload
from jack.demo.simulators.meta_errors import GraphError, usual
from jack.demo.simulators.meta_guests import Guest, Sent
from jack.demo.simulators.meta_templates import check, file_of, listed
from jack.demo.simulators.server import Answer, Request, as_json

if TYPE_CHECKING:
    from jack.demo.simulators.meta import MetaPeer

TEXT_LIMIT = 4096
URL_LIVES = 300.0
UPLOADS_LIVE = 30 * 86400.0
HELD = 60.0  # seconds
VERSIONED = re.compile(r"/v\d+\.\d+/([^/]+)/?(.*)")
MEDIA = ("image", "document", "audio", "video", "sticker")
KINDS = ("text", "template", "reaction", "location", "contacts", "interactive", *MEDIA)


class MetaApi:
    """The answers of a `MetaPeer`."""

    def __init__(self, peer: MetaPeer) -> None:
        self.peer = peer

    def answer(self, request: Request) -> Answer | None:
        """What the API says; None when the line is cut."""
        with self.peer.lock:
            self.peer.requests.append(request)
        try:
            return self._route(request)
        except GraphError as error:
            return error.answer()

    def _route(self, request: Request) -> Answer | None:
        if request.headers.get("Authorization") != f"Bearer {self.peer.token}":
            raise GraphError(190, 401)
        if request.path.startswith("/files/"):
            return self._bytes(request)
        versioned = VERSIONED.fullmatch(request.path)
        if versioned is None:
            raise GraphError(2500)
        first, rest = versioned.groups()
        if first == self.peer.business and rest == "message_templates":
            self._may("account")
            return as_json(200, listed(self.peer.templates, request.query, self.peer.url))
        if first == self.peer.phone_number_id:
            return self._of_number(request, rest)
        if request.method == "GET" and not rest and first in self.peer.files:
            return self._file(first)
        raise GraphError(100)

    def _of_number(self, request: Request, what: str) -> Answer | None:
        if request.method == "POST" and what == "messages":
            return self._message(request)
        if request.method == "POST" and what == "media":
            return self._upload(request)
        if request.method == "GET" and not what:
            self._may("account")
            entities = [{"entity_type": "WABA", "id": self.peer.business}]
            if "health_status" in request.query:
                return as_json(200, {"health_status": {"entities": entities}})
            told = {"display_phone_number": f"+{self.peer.number}", "verified_name": "Hotel Sol"}
            return as_json(200, {"id": self.peer.phone_number_id, **told})
        raise GraphError(100)

    def _may(self, call: Call) -> None:
        """Let the next fault of this call happen, if there is one. Raises GraphError."""
        self._refuse(self.peer.faults.take(call))

    def _refuse(self, fault: Fault) -> None:
        if fault.status is not None:
            code = fault.code or usual(fault.status)
            raise GraphError(code, fault.status, fault.retry_after)
        if fault.held:
            fault.held.wait(HELD)
        time.sleep(fault.delay)

    # ---------------------------------------------------------------------------------------- messages

    def _message(self, request: Request) -> Answer | None:
        try:
            body = json.loads(request.body)
        except ValueError:
            raise GraphError(100) from None
        if not isinstance(body, dict) or body.get("messaging_product") != "whatsapp":
            raise GraphError(100)
        if body.get("status") == "read":
            return self._read(body)
        fault = self.peer.faults.take("send")
        if not fault.answers and not fault.accepts:
            return None
        time.sleep(self.peer.latency)
        if fault.status is not None:
            self._refuse(fault)
        sent, code = self._accepted(body)
        return self._answered(sent, fault, fault.fails or code)

    def _read(self, body: dict[str, Any]) -> Answer:
        self._may("read")
        guests = self.peer.everybody()
        if not any(body.get("message_id") in guest.said for guest in guests):
            raise GraphError(131009)
        self.peer.read_by_hotel.append(body["message_id"])
        return as_json(200, {"success": True})

    def _accepted(self, body: dict[str, Any]) -> tuple[Sent, int | None]:
        """The message, and the code it will fail with."""
        peer, guest = self.peer, self._recipient(body)
        self._check(body)
        code = None if guest.on_whatsapp else 131026
        if body["type"] != "template" and not peer.open_for(guest):
            if not peer.late_window:
                raise GraphError(131047)
            code = code or 131047
        if not peer.pairs.take(id(guest)):
            raise GraphError(131056)
        sent = Sent(wamid(), body, guest, peer.clock.now())
        with peer.lock:
            peer.received.append(sent)
        return sent, code

    def _recipient(self, body: dict[str, Any]) -> Guest:
        to, recipient = body.get("to"), body.get("recipient")
        if isinstance(to, str) and re.fullmatch(r"\+?\d{7,15}", to):
            if self.peer.test_number and digits(to).startswith(("521", "549")):
                raise GraphError(131030)
            return self.peer.guest(to)
        if isinstance(recipient, str) and BSUID.fullmatch(recipient):
            return self.peer.guest(user_id=recipient)
        raise GraphError(131009 if to or recipient else 131008)

    def _check(self, body: dict[str, Any]) -> None:
        kind = body.get("type")
        content = body.get(kind) if kind in KINDS else None
        if not isinstance(content, dict | list) or not content:
            raise GraphError(100)
        if kind == "text" and not 1 <= len(body["text"].get("body", "")) <= TEXT_LIMIT:
            raise GraphError(100)
        if kind == "template":
            self._check_template(body["template"])
        if kind in MEDIA:
            self._check_file(body[kind], kind)
        if "context" in body and not self._knows(body["context"].get("message_id")):
            raise GraphError(131009)
        if kind == "reaction" and not self._knows(body["reaction"].get("message_id")):
            raise GraphError(131009)

    def _knows(self, id: object) -> bool:
        """Whether there is a message with this id, of a guest's or of Jack's."""
        said = any(id in guest.said for guest in self.peer.everybody())
        return said or any(sent.id == id for sent in self.peer.received)

    def _check_template(self, content: dict[str, Any]) -> None:
        name, language = content.get("name"), content.get("language", {}).get("code")
        if not name or not language:
            raise GraphError(131008)
        wanted = self.peer.templates.get((name, language))
        if wanted is None:
            raise GraphError(132001, 404)
        check(wanted, content.get("components", []))
        if file := file_of(content.get("components", [])):
            self._check_file(file[1], file[0])

    def _check_file(self, content: dict[str, Any], kind: object) -> None:
        if ("id" in content) == ("link" in content) or ("caption" in content and kind == "audio"):
            raise GraphError(131008)
        if "id" in content and content["id"] not in self.peer.files:
            raise GraphError(131053)

    # ---------------------------------------------------------------------------------------- what follows

    def _answered(self, sent: Sent, fault: Fault, code: int | None) -> Answer | None:
        deeds = self._deeds(sent, fault, code)
        if fault.callbacks == "before":
            for _, deed in deeds:
                deed()
            deeds = []
        begin = self.peer.caller.promise(deeds)
        if not fault.answers:
            begin()
            return None
        time.sleep(fault.delay)
        contact = {"input": sent.body.get("to") or sent.body.get("recipient")}
        if sent.guest.wa_id:
            contact["wa_id"] = sent.guest.wa_id
        message = {"id": sent.id}
        if sent.kind == "template":
            message["message_status"] = "accepted"
        told = {"messaging_product": "whatsapp", "contacts": [contact], "messages": [message]}
        return as_json(200, told, after=begin)

    def _deeds(
        self, sent: Sent, fault: Fault, code: int | None
    ) -> list[tuple[float, Callable[[], object]]]:
        """Each status in its time, and the guest, who has it then."""
        pace = self.peer.pace
        statuses = ["sent"] if sent.kind == "reaction" else self.peer.statuses
        told: list[tuple[str, int | None]] = [(status, None) for status in statuses]
        if code:
            told = [("failed", code)]
        told = (told[::-1] if fault.reversed else told) * fault.copies
        if fault.callbacks == "none":
            told = []
        deeds: list[tuple[float, Callable[[], object]]] = [(0.0, partial(self._fetch, sent))]
        if fault.batched:
            deeds.append((pace, partial(self._tell, sent, told)))
        else:
            for turn, one in enumerate(told, 1):
                deeds.append((pace * turn, partial(self._tell, sent, [one])))
        if not code and sent.kind != "reaction":
            deeds.append((pace * (len(told) + 1), partial(self._arrive, sent)))
        return deeds

    def _arrive(self, sent: Sent) -> None:
        if sent.refused is None:
            sent.guest.hears(sent)

    def _tell(self, sent: Sent, told: list[tuple[str, int | None]]) -> None:
        if sent.refused is not None:
            if sent.statuses:
                return
            told = [("failed", sent.refused)]
        hooks = [self.peer.status(sent, status, code) for status, code in told]
        self.peer.caller.insist(hooks[0] if len(hooks) == 1 else self.peer.batched(hooks))

    def _fetch(self, sent: Sent) -> None:
        """The file of the message, as Meta fetches a link (here: one to this machine only). Of what it does not take a status tells."""
        kind, content = sent.kind, sent.body[sent.kind] if sent.kind in MEDIA else {}
        if kind == "template":
            kind, content = file_of(sent.body[kind].get("components", [])) or (kind, {})
        found = None
        if "link" in content:
            found = fetched(content["link"])
        elif "id" in content:
            kept = self.peer.files.get(content["id"])
            found = (kept.content, kept.mime) if kept else None
        if found is not None:
            sent.file, mime = found
            sent.refused = None if meta_takes(kind, mime, sent.file) else 131053

    # ---------------------------------------------------------------------------------------- files

    def _upload(self, request: Request) -> Answer:
        self._may("upload")
        parts = parts_of(request.headers.get("Content-Type", ""), request.body)
        product = parts.get("messaging_product")
        if product is None or product.content != b"whatsapp" or not {"file", "type"} <= set(parts):
            raise GraphError(100)
        file = parts["file"]
        if not meta_takes_upload(parts["type"].content.decode(), file.content):
            raise GraphError(100)
        id = self.peer.files.keep(
            file.content, parts["type"].content.decode(), UPLOADS_LIVE, name=file.name
        )
        return as_json(200, {"id": id})

    def _file(self, id: str) -> Answer:
        self._may("media")
        file = self.peer.files.get(id)
        if file is None:
            raise GraphError(100)
        key = self.peer.files.keep(file.content, file.mime, URL_LIVES)
        told = {
            "messaging_product": "whatsapp",
            "url": f"{self.peer.media_url}/files/{key}",
            "mime_type": file.mime,
            "sha256": file.sha256,
            "file_size": len(file.content),
            "id": id,
        }
        return as_json(200, told)

    def _bytes(self, request: Request) -> Answer:
        time.sleep(self.peer.latency)
        self._may("media")
        file = self.peer.files.get(request.path.removeprefix("/files/"))
        return Answer(200, file.content, file.mime) if file else Answer(404, b"")
