"""WhatsApp's message templates: those Meta has, and one as it is sent with its header, texts and buttons."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jack.channels import payload as reading
from jack.channels.http_client import Response
from jack.channels.meta import errors as meta_errors
from jack.channels.results import Permanent, Unknown
from jack.channels.types import MessageTemplate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from jack.channels.http_client import Outcome
    from jack.channels.results import Result
    from jack.channels.types import File

    Get = Callable[[str], Outcome]

FIELDS = "name,language,status,category,parameter_format,components"
PAGE = 100
MOST_PAGES = 20
MOST_BUTTONS = 10
LONGEST = 1100  # characters of a text of a template; WhatsApp allows 1,024
# {{1}}, {{guest_name}}
VARIABLE = re.compile(r"\{\{ *([A-Za-z0-9_]{1,40}) *\}\}")
MEDIA = ("image", "video", "document")
HEADERS = (*MEDIA, "text", "location")
FAILED = Permanent("WhatsApp does not tell which templates there are.")
NO_BUSINESS = Permanent(
    "WhatsApp does not tell which business account the number belongs to: fill in businessAccountId."
)


# ------------------------------------------------------------------------------------------------ what there is


def read(get: Get, phone_number_id: str, business: str) -> list[MessageTemplate] | Result:
    """The templates of the number's business account, whose id is asked for where `business` is empty; or what is wrong.

    `get` asks for a path of the API.
    """
    owner = business or _business(get(f"{phone_number_id}?fields=health_status"))
    if not isinstance(owner, str):
        return owner
    found: list[MessageTemplate] = []
    after = ""
    for _ in range(MOST_PAGES):
        path = f"{owner}/message_templates?fields={FIELDS}&limit={PAGE}"
        response = get(f"{path}&after={after}" if after else path)
        if not isinstance(response, Response) or response.status != 200:
            return _failure(response)
        found += filter(None, map(_parsed, reading.objects(response.body.get("data"))))
        after = reading.identifier(reading.within(response.body, "paging", "cursors", "after"))
        if not after or reading.within(response.body, "paging", "next") is None:
            break
    return found


def _business(response: Outcome) -> str | Result:
    """The id of the business account, among what Meta says of the health of a number."""
    if not isinstance(response, Response) or response.status != 200:
        return _failure(response)
    for entity in reading.objects(reading.within(response.body, "health_status", "entities")):
        if entity.get("entity_type") == "WABA":
            return reading.identifier(entity.get("id")) or NO_BUSINESS
    return NO_BUSINESS


def _failure(response: Outcome) -> Result:
    failure = meta_errors.result(response) if isinstance(response, Response) else response
    return FAILED if isinstance(failure, Unknown) else failure


def _parsed(item: Mapping[str, object]) -> MessageTemplate | None:
    """A template as Meta lists it; None without a name."""
    name, language = reading.identifier(item.get("name")), reading.identifier(item.get("language"))
    if not name or not language:
        return None
    parts = {
        reading.kind(part.get("type")): part for part in reading.objects(item.get("components"))
    }
    body = reading.text(reading.within(parts.get("BODY"), "text"), LONGEST)
    return MessageTemplate(
        name=name,
        language=language,
        status=reading.kind(item.get("status")).lower(),
        category=reading.kind(item.get("category")).lower(),
        header=_header(parts.get("HEADER")),
        body=body,
        footer=reading.text(reading.within(parts.get("FOOTER"), "text"), LONGEST) or None,
        buttons=tuple(_button(one) for one in _buttons(parts.get("BUTTONS"))),
        parameters=_parameters(body, _examples(parts.get("BODY"), "body_text")),
    )


def _header(part: object) -> dict[str, object] | None:
    form = reading.kind(reading.within(part, "format")).lower()
    if form not in HEADERS:
        return None
    text = reading.text(reading.within(part, "text"), LONGEST) if form == "text" else ""
    examples = _examples(part, "header_text")
    return {"type": form, "text": text or None, "parameters": list(_parameters(text, examples))}


def _buttons(part: object) -> list[dict[str, object]]:
    return reading.objects(reading.within(part, "buttons"))[:MOST_BUTTONS]


def _button(one: Mapping[str, object]) -> dict[str, object]:
    """A button; `parameter`: whether a text has to be given for it."""
    kind = reading.kind(one.get("type")).lower()
    url = reading.text(one.get("url"), 2048) or None
    needed = kind == "copy_code" or bool(url and VARIABLE.search(url))
    return {"type": kind, "text": reading.line(one.get("text")), "url": url, "parameter": needed}


def _examples(part: object, name: str) -> list[str]:
    """Examples of a text's parameters, in order."""
    example = reading.within(part, "example")
    named = reading.objects(reading.within(example, f"{name}_named_params"))
    if named:
        return [reading.text(one.get("example")) for one in named]
    given = reading.items(reading.within(example, name))
    first = given[0] if given and isinstance(given[0], list) else given
    return [reading.text(one) for one in reading.items(first)]


def _parameters(text: str, examples: Sequence[str]) -> tuple[dict[str, object], ...]:
    """What a text is filled with, each once, in the order in which a list of parameters fills them."""
    names = list(dict.fromkeys(VARIABLE.findall(text)))
    if all(name.isdigit() for name in names):
        names.sort(key=int)
    padded = [*examples, *[""] * len(names)]
    return tuple(
        {"name": name, "example": padded[place] or None} for place, name in enumerate(names)
    )


# ------------------------------------------------------------------------------------------------ one to send


def message(template: Mapping[str, object], files: Sequence[File]) -> dict[str, object] | Permanent:
    """A template by name and language, with its components.

    A list of parameters fills {{1}}, {{2}}, …, an object those with names. The file of a header is its `link`, or that of the message.
    `components` are added as they are.
    """
    made: dict[str, object] = {"name": template["name"], "language": {"code": template["language"]}}
    header = template.get("header")
    first = _header_component(header, files) if isinstance(header, dict) else None
    if isinstance(first, Permanent):
        return first
    filled = _filled(template.get("parameters") or [])
    components = [
        *([first] if first else []),
        *([{"type": "body", "parameters": filled}] if filled else []),
        *map(_button_component, reading.objects(template.get("buttons"))),
        *reading.objects(template.get("components")),
    ]
    return {**made, "components": components} if components else made


def _filled(given: object) -> list[dict[str, object]]:
    if isinstance(given, dict):
        return [
            {"type": "text", "parameter_name": name, "text": str(value)}
            for name, value in given.items()
        ]
    return [{"type": "text", "text": str(value)} for value in reading.items(given)]


def _header_component(
    header: Mapping[str, object], files: Sequence[File]
) -> dict[str, object] | Permanent:
    kind = str(header["type"])
    if kind == "text":
        return {"type": "header", "parameters": [{"type": "text", "text": header.get("text")}]}
    if kind == "location":
        names = ("latitude", "longitude", "name", "address")
        place = {name: header[name] for name in names if header.get(name) is not None}
        return {"type": "header", "parameters": [{"type": kind, kind: place}]}
    link = header.get("link") or (files[0].url if files else None)
    if link is None:
        return Permanent("The file of the template's header is not here any more.")
    name = header.get("filename") or (files[0].name if files else None)
    named = {"filename": name} if kind == "document" and name else {}
    return {"type": "header", "parameters": [{"type": kind, kind: {"link": link, **named}}]}


def _button_component(button: Mapping[str, object]) -> dict[str, object]:
    kind = str(button["type"])
    text = button.get("text")
    filled = {
        "quick_reply": {"type": "payload", "payload": text},
        "copy_code": {"type": "coupon_code", "coupon_code": text},
    }.get(kind, {"type": "text", "text": text})
    index = str(button["index"])
    return {"type": "button", "sub_type": kind, "index": index, "parameters": [filled]}
