"""WhatsApp as Meta's Cloud API speaks it: sending, trying the credentials, fetching files. What comes in: `meta_inbound`."""

from __future__ import annotations

import hmac
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from jack.channels import media as fetching
from jack.channels import payload as reading
from jack.channels import phone_numbers, text_split
from jack.channels.http_client import NO_ANSWER, Answer, Reply, call
from jack.channels.meta import errors as meta_errors
from jack.channels.protocol import InvalidSignature
from jack.channels.results import Accepted, Permanent, Result, Unknown
from jack.channels.types import Account, Fetched, Tested

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jack.channels.types import File, Media, OutboundMessage

REPEATABLE = False
BASE_URL = "https://graph.facebook.com"
VERSION = "v25.0"
NEEDED = ("phoneNumberId", "accessToken", "appSecret", "verifyToken")
MAX_TEXT = 4096
MAX_CAPTION = 1024
# The numbers Meta lends for trying things out know Mexicans and Argentines without their mobile digit only.
NOT_ON_TEST_LIST = 131030

# Meta's own hosts that want the token; its content network has the permission in the URL.
TRUSTED = ("graph.facebook.com", "lookaside.fbsbx.com")
HOSTS = ("*.fbcdn.net", "*.whatsapp.net")
MEDIA_ID = re.compile("[A-Za-z0-9_-]{1,128}")
IMAGES = ("image/jpeg", "image/png")


def account(settings: Mapping[str, Any], public_url: str) -> Account | None:
    """The account of a phone number id; None while something is missing."""
    if not all(settings.get(name) for name in NEEDED):
        return None
    return Account("whatsapp", f"whatsapp:{settings['phoneNumberId']}", settings, public_url)


def challenge(account: Account, query: Mapping[str, str]) -> str:
    """What to answer, as it is, to the request by which Meta makes sure that the webhook is ours. Raises InvalidSignature."""
    ours, theirs = str(account.settings["verifyToken"]), query.get("hub.verify_token", "")
    same = hmac.compare_digest(ours.encode(), theirs.encode("utf-8", "replace"))
    if not ours or not same or query.get("hub.mode") != "subscribe":
        raise InvalidSignature
    return query.get("hub.challenge", "")


# ------------------------------------------------------------------------------------------------ out


def send(account: Account, message: OutboundMessage) -> Result:
    """Give one message to Meta. A test number gets a second try with the short form of a number it does not know."""
    body = _message(message)
    if isinstance(body, Permanent):
        return body
    to = message.to.removeprefix(phone_numbers.PREFIX).removeprefix("+")
    answer = _post(account, {**_recipient(account, to), **body})
    short = phone_numbers.short_form(to)
    if short != to and meta_errors.code_of(answer) == NOT_ON_TEST_LIST:
        answer = _post(account, {**_recipient(account, short), **body})
    return _became(answer)


def _post(account: Account, payload: Mapping[str, Any]) -> Reply:
    url = _url(account, str(account.settings["phoneNumberId"]), "messages")
    whole = {"messaging_product": "whatsapp", "recipient_type": "individual", **payload}
    return call("POST", url, headers=_token(account), payload=whole)


def _recipient(account: Account, to: str) -> dict[str, str]:
    """A number goes into `to`; a user id into `recipient`, or where else `userIdField` says: reports disagree."""
    field = str(account.settings.get("userIdField") or "recipient")
    return {field: to} if phone_numbers.is_user_id(to) else {"to": to}


def _message(message: OutboundMessage) -> dict[str, Any] | Permanent:
    """What to say, and our own name for it, which every status of it brings back."""
    ours = {"biz_opaque_callback_data": reading.our_tag(message)}
    if message.template is not None:
        return {"type": "template", "template": _template(message.template), **ours}
    if not message.files:
        text = {"body": message.text, "preview_url": False}
        return {"type": "text", "text": text, **ours}
    if len(message.files) > 1 or not captioned(message.files[0], message.text):
        return Permanent("WhatsApp takes one file at a time, with a short caption.")
    kind = _kind(message.files[0])
    return {"type": kind, kind: _linked(kind, message.files[0], message.text), **ours}


def _template(template: Mapping[str, Any]) -> dict[str, Any]:
    """A template by name and language; a list of parameters fills {{1}}, {{2}}, …, an object those with names."""
    given = template.get("parameters") or []
    if isinstance(given, dict):
        filled = [
            {"type": "text", "parameter_name": name, "text": str(value)}
            for name, value in given.items()
        ]
    else:
        filled = [{"type": "text", "text": str(value)} for value in given]
    made = {"name": template["name"], "language": {"code": template["language"]}}
    return {**made, "components": [{"type": "body", "parameters": filled}]} if filled else made


def captioned(file: File, text: str) -> bool:
    """Whether a file can go together with this text."""
    return not text or (_kind(file) != "audio" and text_split.width(text) <= MAX_CAPTION)


def _kind(file: File) -> str:
    """What WhatsApp shows a file as; what it cannot show is a document."""
    if file.mime in IMAGES:
        return "image"
    main = file.mime.partition("/")[0]
    return main if main in ("audio", "video") else "document"


def _linked(kind: str, file: File, caption: str) -> dict[str, str]:
    named = {"filename": file.name} if kind == "document" else {}
    return {"link": file.url, **({"caption": caption} if caption else {}), **named}


def _became(answer: Reply) -> Result:
    if not isinstance(answer, Answer):
        return answer
    if not 200 <= answer.status < 300:
        return meta_errors.result(answer)
    sent = reading.items(answer.body.get("messages"))
    name = reading.word(reading.within(sent[0], "id")) if sent else ""
    if not name:
        return Unknown("WhatsApp answered without an id; the message may have been sent.")
    return Accepted(name)


# ------------------------------------------------------------------------------------------------ trying, fetching


def test(account: Account) -> Tested:
    """Ask Meta about the phone number: that needs the right id, a living token and the right permission."""
    url = _url(account, str(account.settings["phoneNumberId"]))
    answer = call(
        "GET", f"{url}?fields=display_phone_number,verified_name", headers=_token(account)
    )
    if not isinstance(answer, Answer) or answer.status != 200:
        wrong = meta_errors.result(answer) if isinstance(answer, Answer) else answer
        return Tested(False, NO_ANSWER if isinstance(wrong, Unknown) else wrong.error)
    number = reading.line(answer.body.get("display_phone_number")) or "without a number"
    name = reading.line(answer.body.get("verified_name")) or "no verified name yet"
    return Tested(True, f"WhatsApp accepts the token for {number} ({name}).")


def fetch(account: Account, media: Media, limit: int) -> Fetched | Result:
    """A file of a message: by its id, which leads to a URL that lives for minutes, or by a URL that came with it."""
    source = media.source or ""
    if not MEDIA_ID.fullmatch(source):
        return fetching.download(source, _shelf(account), limit)
    answer = call("GET", _url(account, source), headers=_token(account))
    if not isinstance(answer, Answer) or answer.status != 200:
        refused = meta_errors.result(answer) if isinstance(answer, Answer) else answer
        return fetching.AGAIN if isinstance(refused, Unknown) else refused
    if (reading.number(answer.body.get("file_size")) or 0) > limit:
        return fetching.TOO_LARGE
    return fetching.download(reading.text(answer.body.get("url")), _shelf(account), limit)


def _shelf(account: Account) -> fetching.Shelf:
    more = tuple(map(str, account.settings.get("mediaHosts") or ()))
    return fetching.Shelf(_base(account), _token(account), TRUSTED, HOSTS + more)


def _base(account: Account) -> str:
    return str(account.settings.get("baseUrl") or BASE_URL).rstrip("/")


def _url(account: Account, *path: str) -> str:
    version = str(account.settings.get("apiVersion") or VERSION)
    return "/".join([_base(account), *(quote(part, safe="") for part in (version, *path))])


def _token(account: Account) -> dict[str, str]:
    return {"Authorization": f"Bearer {account.settings['accessToken']}"}
