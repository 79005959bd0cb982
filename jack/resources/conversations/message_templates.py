"""A template that is to be sent, beside what is known of it: refused where something is missing, and told as its guest will read it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jack.channels import file_limits
from jack.core.errors import Invalid
from jack.resources.attachments import previews
from jack.resources.channel_accounts import templates

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jack.core.db import Database
    from jack.core.errors import DetailCode
    from jack.core.query import AnyRow
    from jack.resources.channel_accounts.templates import Button, Header, TemplateRow

VARIABLE = re.compile(r"\{\{ *([A-Za-z0-9_]{1,40}) *\}\}")
FILES = ("image", "video", "document")
WANTED = {
    "image": "The header of this template is a picture: a JPEG or PNG of up to 5 MB.",
    "video": "The header of this template is a video: an MP4 or 3GP of up to 16 MB.",
}
NO_JPEG = (
    "No JPEG has been made of this picture yet: try again in a moment, or upload it as a JPEG."
)


def checked(db: Database, sent: Mapping[str, object] | None, *, has_file: bool) -> str:
    """What a message says that is this template; empty for one that is none, `[name]` where the template is not known here.

    Raises Invalid for one that Meta has not approved, and for what it needs and has not been given (`has_file`: the message has a file).
    """
    if sent is None:
        return ""
    known = templates.find(db, str(sent["name"]), str(sent["language"]))
    if known is None:
        return f"[{sent['name']}]"
    _check_status(known)
    if not sent.get("components"):  # in Meta's own form: Meta looks at them
        _check_parameters(known, sent.get("parameters") or [])
        _check_header(known["header"], sent.get("header"), has_file=has_file)
        _check_buttons(known, sent.get("buttons"))
    return _in_words(known, sent) or f"[{sent['name']}]"


def _check_status(known: TemplateRow) -> None:
    if known["status"] != "approved":
        message = f"Meta has not approved this template: it is {known['status']}."
        raise Invalid.field("template.name", "invalid", message)


def _check_parameters(known: TemplateRow, given: object) -> None:
    names = [one["name"] for one in known["parameters"]]
    wanted = f"This template is filled with {len(names)} texts: {', '.join(names) or 'none'}."
    if isinstance(given, dict):
        fits = set(given) == set(names)
    else:
        fits = isinstance(given, list) and len(given) == len(names) and all(map(str.isdigit, names))
    if not fits:
        raise Invalid.field("template.parameters", "invalid", wanted)


def _check_header(known: Header | None, given: object, *, has_file: bool) -> None:
    header = given if isinstance(given, dict) else None
    kind = known["type"] if known else None
    fixed = kind is None or (known is not None and kind == "text" and not known["parameters"])
    if fixed:
        _refuse(
            header is not None,
            "template.header",
            "invalid",
            "Nothing of its header is to be filled in.",
        )
        return
    _refuse(
        header is None,
        "template.header",
        "required",
        f"This template has a header to fill in: {kind}.",
    )
    _refuse(
        header is not None and header["type"] != kind,
        "template.header.type",
        "invalid",
        f"Must be {kind}.",
    )
    without = header is not None and kind in FILES and "link" not in header and not has_file
    _refuse(
        without,
        "template.header.link",
        "required",
        "Give a link, or upload the file and name it in attachmentIds.",
    )


def _check_buttons(known: TemplateRow, given: object) -> None:
    buttons = given if isinstance(given, list) else []
    texts = {one["index"]: one["type"] for one in buttons}
    for index, button in enumerate(known["buttons"]):
        missing = button["parameter"] and texts.get(index) != button["type"]
        message = f"Button {index} ({button['type']}: {button['text']}) needs a text."
        _refuse(missing, "template.buttons", "required", message)
    there = ", ".join(one["type"] for one in known["buttons"]) or "none"
    fit = all(_takes(known["buttons"][index : index + 1], type) for index, type in texts.items())
    _refuse(not fit, "template.buttons", "invalid", f"The buttons of this template are: {there}.")


def _takes(button: Sequence[Button], type: str) -> bool:
    """Whether a button is there, of this type, and has something to fill in: an address without a variable has not."""
    return any(it["type"] == type and (it["parameter"] or type != "url") for it in button)


def with_file(db: Database, sent: dict[str, object]) -> dict[str, object]:
    """The template with the file of its message as its header, where it has one that is a file."""
    known = templates.find(db, str(sent["name"]), str(sent["language"]))
    header = known["header"] if known else None
    return (
        {**sent, "header": {"type": header["type"]}} if header and header["type"] in FILES else sent
    )


def check_file(sent: Mapping[str, object], file: AnyRow) -> None:
    """Raise Invalid for a file that would not leave with a template: its header takes one of its own kind, and no other place any."""
    header = sent.get("header")
    kind = str(header["type"]) if isinstance(header, dict) and "link" not in header else ""
    alone = "A template takes one file, and only where its header is one that is uploaded."
    _refuse(kind not in FILES, "attachmentIds", "invalid", alone)
    mime = str(file["mime"])
    to_jpeg = kind == "image" and mime in previews.CONVERTED  # it leaves as a JPEG, once it has one
    _refuse(to_jpeg and not file["preview_id"], "attachmentIds.0", "unsupported_file", NO_JPEG)
    fits = to_jpeg or kind in ("document", file_limits.whatsapp_kind(mime))
    _refuse(not fits, "attachmentIds.0", "unsupported_file", WANTED.get(kind, ""))


def _refuse(wrong: bool, field: str, code: DetailCode, message: str) -> None:
    if wrong:
        raise Invalid.field(field, code, message)


def _in_words(known: TemplateRow, sent: Mapping[str, object]) -> str:
    """Header, body and footer with their texts filled in, a paragraph each."""
    header = known["header"]
    given = sent.get("header")
    above = ""
    if header is not None and header["text"]:
        text = given.get("text") if isinstance(given, dict) else None
        above = VARIABLE.sub(lambda found: str(text or found[0]), header["text"])
    body = _filled(known["body"], sent.get("parameters") or [])
    return "\n\n".join(part for part in (above, body, known["footer"]) if part)[:4096]


def _filled(text: str, given: object) -> str:
    values: dict[str, object] = {}
    if isinstance(given, dict):
        values = given
    elif isinstance(given, list):
        values = {str(number): value for number, value in enumerate(given, 1)}
    return VARIABLE.sub(lambda found: str(values.get(found[1], found[0])), text)
