"""The demo's data: the JSON files beside this, and what is in them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NotRequired, TypedDict

FOLDER = Path(__file__).parent

# Of a dialogue: minutes after the line before, who ("guest" or the key of a member of staff), the text. Then for a
# guest perhaps the type of the message, for staff perhaps its status, or "note", and the error.
Line = tuple[float, str, str, *tuple[str, ...]]


class Member(TypedDict):
    """A member of staff; with `login` the demo shows a password."""

    id: str
    key: str
    name: str
    email: str
    role: str
    department: str
    login: NotRequired[bool]


class Dialogue(TypedDict):
    """What conversations and web chats have in common. `ago` is how long ago it began (`1d 4h 20m`)."""

    ago: str
    status: str
    assignee: str | None
    lines: list[Line]


class ConversationData(Dialogue):
    """A conversation on a channel with an account."""

    id: str
    guest: str
    channel: str
    subject: NotRequired[str]


class WebchatData(Dialogue):
    """A conversation in the web chat, and what the visitor says about themselves."""

    name: str | None
    language: str
    email: NotRequired[str]


class StayData(TypedDict):
    """A stay: it `begins` so many days from today, before today where that is negative. Other fields are the API's."""

    id: str
    guest: str
    begins: int
    nights: int
    room: str | None
    status: str
    eta: NotRequired[str]
    adults: NotRequired[int]
    children: NotRequired[int]
    source: NotRequired[str]
    confirmation: NotRequired[str]
    notes: NotRequired[str]


class TaskData(TypedDict):
    """A task: begun so long `ago`, `due` so long from now, finished after `took` minutes."""

    id: str
    ago: str
    title: str
    department: str
    priority: str
    status: str
    description: NotRequired[str]
    room: NotRequired[str]
    guest: NotRequired[str]
    conversation: NotRequired[str]
    assignee: NotRequired[str]
    notes: NotRequired[str]
    due: NotRequired[str]
    took: NotRequired[int]


def read(name: str) -> Any:
    """The content of `{name}.json`."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
