"""What of Twilio's REST API can be called: messages, their list, their files, and the account itself."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from jack.demo.simulators.addresses import BSUID, sid
from jack.demo.simulators.faults import Fault
from jack.demo.simulators.files import fetched
from jack.demo.simulators.media_rules import twilio_code
from jack.demo.simulators.segments import segments
from jack.demo.simulators.server import Answer, Request, as_json
from jack.demo.simulators.twilio_errors import TwilioError, usual
from jack.demo.simulators.twilio_guests import Guest, Sent

if TYPE_CHECKING:
    from jack.demo.simulators.twilio import TwilioPeer

BODY_LIMIT = 1600
FILES_LIMIT = 10
PAGE = 50
ADDRESS = re.compile(rf"\+[1-9]\d{{6,14}}|whatsapp:(\+[1-9]\d{{6,14}}|{BSUID.pattern})")


class TwilioApi:
    """The answers of a `TwilioPeer`."""

    def __init__(self, peer: TwilioPeer) -> None:
        self.peer = peer

    def answer(self, request: Request) -> Answer | None:
        """What the API says; None when the line is cut."""
        with self.peer.lock:
            self.peer.requests.append(request)
        try:
            return self._route(request)
        except TwilioError as error:
            return error.answer()

    def _route(self, request: Request) -> Answer | None:
        if not self.peer.may(request.headers.get("Authorization", "")):
            raise TwilioError(20003, 401)
        account = f"/2010-04-01/Accounts/{self.peer.account_sid}"
        rest = request.path.removeprefix(account)
        if rest == ".json" and request.method == "GET":
            self._refuse(self.peer.faults.take("account"))
            told = {"friendly_name": "Hotel Sol", "status": "active", "type": "Full"}
            return as_json(200, {"sid": self.peer.account_sid, **told})
        if rest == "/Messages.json":
            return self._message(request) if request.method == "POST" else self._list(request)
        if found := re.fullmatch(r"/Messages/([SM]M\w+)\.json", rest):
            return self._one(found[1])
        if found := re.fullmatch(r"/Messages/[SM]M\w+/Media/(ME\w+)", rest):
            return self._file(found[1])
        raise TwilioError(20404, 404)

    def _refuse(self, fault: Fault) -> None:
        if fault.status is not None:
            code = fault.code or usual(fault.status)
            raise TwilioError(code, fault.status, fault.retry_after)
        time.sleep(fault.delay)

    # ---------------------------------------------------------------------------------------- messages

    def _message(self, request: Request) -> Answer | None:
        fault = self.peer.faults.take("send")
        if not fault.answers and not fault.accepts:
            return None
        time.sleep(self.peer.latency)
        if fault.status is not None:
            self._refuse(fault)
        sent, code = self._accepted(request.form)
        deeds = self._deeds(sent, fault, fault.fails or code)
        if fault.callbacks == "before":
            for _, deed in deeds:
                deed()
            deeds = []
        told = self._shown(self._row(sent, sent.made))
        begin = self.peer.caller.promise(deeds)
        if not fault.answers:
            begin()
            return None
        time.sleep(fault.delay)
        return as_json(201, told, after=begin)

    def _accepted(self, form: list[tuple[str, str]]) -> tuple[Sent, int | None]:
        """The message, and the code it will fail with."""
        told = dict(form)
        guest, sender = self._recipient(told), self._sender(told)
        self._check(form, told)
        if sender in guest.stopped:
            raise TwilioError(21610)
        if guest.landline:
            raise TwilioError(21614)
        made = "accepted" if "MessagingServiceSid" in told else "queued"
        id = sid("MM" if "MediaUrl" in told else "SM")
        sent = Sent(id, form, guest, sender, self.peer.clock.now(), made, [made])
        with self.peer.lock:
            self.peer.received.append(sent)
        if "ContentSid" in told:
            wanted = set(re.findall(r"{{(\w+)}}", self.peer.templates[told["ContentSid"]]))
            return sent, None if wanted <= (_variables(told) or {}).keys() else 63028
        return sent, None if self.peer.open_for(guest) else 63016

    def _recipient(self, told: dict[str, str]) -> Guest:
        if not told.get("To"):
            raise TwilioError(21604)
        if not ADDRESS.fullmatch(told["To"]):
            raise TwilioError(21211)
        return self.peer.guest(told["To"])

    def _sender(self, told: dict[str, str]) -> str:
        """The number it comes from. A service picks the one that suits the recipient."""
        fitting = self.peer.whatsapp if told["To"].startswith("whatsapp:") else self.peer.number
        if told.get("MessagingServiceSid") == self.peer.service:
            return fitting
        if not told.get("From"):
            raise TwilioError(21603)
        if told["From"] != fitting:
            raise TwilioError(21606)
        return fitting

    def _check(self, form: list[tuple[str, str]], told: dict[str, str]) -> None:
        files = [value for name, value in form if name == "MediaUrl"]
        if "ContentSid" in told:
            if told["ContentSid"] not in self.peer.templates:
                raise TwilioError(21655)
            if _variables(told) is None:
                raise TwilioError(21656)
            return
        if not told.get("Body") and not files:
            raise TwilioError(21602)
        if len(told.get("Body", "")) > BODY_LIMIT:
            raise TwilioError(21617)
        if len(files) > FILES_LIMIT:
            raise TwilioError(21623)

    def _deeds(
        self, sent: Sent, fault: Fault, code: int | None
    ) -> list[tuple[float, Callable[[], object]]]:
        """Each status in its time, and the guest, who has it then."""
        pace = self.peer.pace
        told = [("failed", code)] if code else [(status, None) for status in self.peer.statuses]
        told = (told[::-1] if fault.reversed else told) * fault.copies
        if fault.callbacks == "none":
            told = []
        deeds: list[tuple[float, Callable[[], object]]] = [(0.0, partial(self._fetch, sent))]
        for turn, (status, why) in enumerate(told, 1):
            deeds.append((pace * turn, partial(self._tell, sent, status, why)))
        if not code:
            deeds.append((pace * (len(told) + 1), partial(self._arrive, sent)))
        return deeds

    def _arrive(self, sent: Sent) -> None:
        if sent.refused is None:
            sent.guest.hears(sent)

    def _tell(self, sent: Sent, status: str, code: int | None) -> None:
        if sent.refused is not None:
            if "failed" in sent.statuses:
                return
            status, code = "failed", sent.refused
        hook = self.peer.status(sent, status, code)
        if hook is not None:
            self.peer.caller.insist(hook)

    def _fetch(self, sent: Sent) -> None:
        """The files of the message. Of what is not taken a status tells."""
        found = [fetched(value) for name, value in sent.form if name == "MediaUrl"]
        sent.files = [one[0] if one else None for one in found]
        codes = [
            twilio_code(sent.guest.whatsapp, mime, content) for content, mime in filter(None, found)
        ]
        sent.refused = next(filter(None, codes), None)

    # ---------------------------------------------------------------------------------------- looking back

    def _row(self, sent: Sent, status: str) -> dict[str, Any]:
        told = sent.told
        return {
            "sid": sent.sid,
            "direction": "outbound-api",
            "status": status,
            "from": sent.sender,
            "to": told["To"],
            "body": sent.text,
            "at": sent.at,
            "error_code": sent.code,
            "num_media": str(sum(name == "MediaUrl" for name, _ in sent.form)),
            "messaging_service_sid": told.get("MessagingServiceSid"),
        }

    def _shown(self, row: dict[str, Any]) -> dict[str, Any]:
        """A message as the API shows it."""
        made = format_datetime(datetime.fromtimestamp(row["at"], UTC))
        uri = f"/2010-04-01/Accounts/{self.peer.account_sid}/Messages/{row['sid']}"
        empty = dict.fromkeys(("error_code", "error_message", "price", "price_unit"))
        return (
            {**empty, "messaging_service_sid": None}
            | {name: value for name, value in row.items() if name != "at"}
            | {
                "account_sid": self.peer.account_sid,
                "api_version": "2010-04-01",
                "num_segments": str(segments(row["body"])),
                "date_created": made,
                "date_updated": made,
                "date_sent": None if row["status"] in ("queued", "accepted") else made,
                "uri": f"{uri}.json",
                "subresource_uris": {"media": f"{uri}/Media.json"},
            }
        )

    def _rows(self) -> list[dict[str, Any]]:
        """Every message there is, the latest first."""
        with self.peer.lock:
            rows = [self._row(sent, sent.status) for sent in self.peer.received]
            return sorted(rows + self.peer.listed, key=lambda row: -row["at"])

    def _list(self, request: Request) -> Answer:
        self._refuse(self.peer.faults.take("list"))
        asked = request.arguments
        since, until = _moment(asked.get("DateSent>")), _moment(asked.get("DateSent<"))
        rows = [
            row
            for row in self._rows()
            if asked.get("To") in (None, row["to"])
            and asked.get("From") in (None, row["from"])
            and (since is None or row["at"] >= since)
            and (until is None or row["at"] <= until + 86400)
        ]
        size, page = int(asked.get("PageSize", PAGE)), int(asked.get("Page", 0))
        shown = rows[page * size :][:size]
        more = len(rows) > (page + 1) * size
        rest = urlencode(asked | {"Page": str(page + 1)}, quote_via=quote)
        told = {
            "messages": [self._shown(row) for row in shown],
            "next_page_uri": f"{request.path}?{rest}" if more else None,
            "page": page,
            "page_size": size,
        }
        return as_json(200, told)

    def _one(self, id: str) -> Answer:
        for row in self._rows():
            if row["sid"] == id:
                return as_json(200, self._shown(row))
        raise TwilioError(20404, 404)

    # ---------------------------------------------------------------------------------------- files

    def _file(self, id: str) -> Answer:
        self._refuse(self.peer.faults.take("media"))
        file = self.peer.files.get(id)
        if file is None:
            raise TwilioError(20404, 404)
        if self.peer.media_elsewhere:
            return Answer(307, headers={"Location": f"{self.peer.elsewhere.url}/{id}"})
        return Answer(200, file.content, file.mime)

    def elsewhere(self, request: Request) -> Answer:
        """The host of the files: it wants no credentials, and remembers who sent some."""
        if request.headers.get("Authorization"):
            self.peer.leaks.append(request)
            return Answer(400)
        file = self.peer.files.get(request.path[1:])
        return Answer(200, file.content, file.mime) if file else Answer(404)


def _variables(told: dict[str, str]) -> dict[str, str] | None:
    """The texts for a template's {{…}}; None when they are no JSON object of texts."""
    try:
        found = json.loads(told.get("ContentVariables", "{}"))
    except ValueError:
        return None
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        return None
    return {name: text for name, text in found.items() if text}


def _moment(text: str | None) -> float | None:
    """A day, or a moment, of a filter."""
    if not text:
        return None
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
