"""Every list, search and single read of the API, with what to ask of a filled dataset."""

from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlencode

from bench.growth.rows import MAIL, conversation_id
from bench.growth.words import COMMON_NAME, COMMON_WORD, FREQUENT_WORD, RARE_WORD

Get = Callable[[str], Any]

# The API's description is the same in every dataset; files are read from the disk, and the datasets have none.
LEFT_OUT = (
    "/openapi.json",
    "/docs",
    "/attachments/<attachment_id>",
    "/webchat/attachments/<attachment_id>",
)


class Read(NamedTuple):
    """Something that is read: by staff, or by whoever has the token. The bar is for what is judged."""

    path: str
    shown: str
    judged: bool = True
    token: str = ""


def reads(get: Get, size: int, visitor: str) -> list[Read]:
    """Every read, with ids and words of this dataset."""
    return [
        *guest_reads(get("/guests?page=3&limit=1")[0]),
        *conversation_reads(get("/conversations?page=3&limit=1")[0], get("/staff")[1]["id"]),
        *task_reads(get("/tasks?page=3&limit=1")[0], get("/staff")[1]["id"]),
        *constant_reads(get),
        Read("/webchat/messages", "/webchat/messages", token=visitor),
        *last_pages(size),
    ]


def listed(path: str, **filters: str | int | list[str]) -> Read:
    """A list with filters, shown as it is asked."""
    query = urlencode(filters, doseq=True)
    return Read(f"{path}?{query}" if query else path, f"{path}?{query}" if query else path)


def named(path: str, shown: str, **filters: str | int | list[str]) -> Read:
    """The same, but shown by what it stands for."""
    return listed(path, **filters)._replace(shown=f"{path} {shown}")


def guest_reads(guest: dict[str, Any]) -> list[Read]:
    """Guests: lists, searches, one."""
    path = "/guests"
    return [
        listed(path),
        listed(path, page=40),
        listed(path, tag="vip"),
        listed(path, tag=["vip", "returning"]),
        named(path, "search: a full name", search=guest["name"]),
        named(path, "search: a common name", search=COMMON_NAME),
        named(path, "search: two letters", search="an"),
        named(path, "search: one letter", search="n"),
        named(path, "search: a name and two letters", search=f"{COMMON_NAME} be"),
        named(path, "search: an e-mail", search=guest["email"]),
        named(path, "search: a phone", search=guest["phone"]),
        named(path, "search: a mail provider", search=MAIL[0]),
        named(path, "search: nobody", search="qqzzqq"),
        named(path, "search: a common name, with a tag", search=COMMON_NAME, tag="vip"),
        Read(f"{path}/{guest['id']}", f"{path}/:id"),
        Read(f"{path}/{guest['id']}/duplicates", f"{path}/:id/duplicates"),
    ]


def conversation_reads(conversation: dict[str, Any], clerk: str) -> list[Read]:
    """Conversations: lists, searches, one, and their messages."""
    path, long = "/conversations", f"/conversations/{conversation_id(0)}/messages"
    return [
        listed(path),
        listed(path, page=40),
        *(listed(path, status=status) for status in ("open", "pending", "closed")),
        *(listed(path, channel=channel) for channel in ("whatsapp", "sms")),
        listed(path, assignee="unassigned"),
        listed(path, assignee="me"),
        listed(path, status="open", unread="true"),
        listed(f"{path}/counts"),
        named(path, "?assignee=:id", assignee=clerk),
        named(path, "?guestId=:id", guestId=conversation["guestId"]),
        listed(path, status="open", channel="whatsapp"),
        listed(path, status="open", channel="whatsapp", assignee="unassigned"),
        named(path, "search: a frequent word", search=FREQUENT_WORD),
        named(path, "search: a common word", search=COMMON_WORD),
        named(path, "search: a rare word", search=RARE_WORD),
        named(path, "search: two words", search=f"{COMMON_WORD} {FREQUENT_WORD}"),
        named(path, "search: a guest's name", search=conversation["guest"]["name"]),
        named(path, "search: a common word, open only", search=COMMON_WORD, status="open"),
        named(path, "search: nothing", search="qqzzqq"),
        Read(f"{path}/{conversation['id']}", f"{path}/:id"),
        Read(f"{path}/{conversation['id']}/messages", f"{path}/:id/messages"),
        Read(long, f"{path}/:id/messages (the longest)"),
        Read(f"{long}?order=desc", f"{path}/:id/messages?order=desc (the longest)"),
    ]


def task_reads(task: dict[str, Any], clerk: str) -> list[Read]:
    """Tasks: lists and one."""
    path = "/tasks"
    return [
        listed(path),
        listed(path, page=40),
        listed(path, status="open"),
        listed(path, status=["open", "in_progress"]),
        listed(path, priority="urgent"),
        listed(path, priority=["high", "urgent"]),
        listed(path, department="housekeeping"),
        listed(path, status="open", priority="urgent", department="housekeeping"),
        listed(path, overdue="true"),
        listed(path, assignee="unassigned"),
        named(path, "?assignee=:id", assignee=clerk),
        named(path, "?guestId=:id", guestId=task["guestId"]),
        Read(f"{path}/{task['id']}", f"{path}/:id"),
    ]


def constant_reads(get: Get) -> list[Read]:
    """What is as large in every dataset: it must not slow down either."""
    entry, clerk = get("/knowledge")[0]["id"], get("/staff")[0]["id"]
    return [
        listed("/knowledge"),
        listed("/knowledge", category="policy"),
        named("/knowledge", "search: a word", search=COMMON_WORD),
        Read(f"/knowledge/{entry}", "/knowledge/:id"),
        listed("/staff"),
        Read(f"/staff/{clerk}", "/staff/:id"),
        listed("/settings"),
        Read("/settings/hotel", "/settings/:key"),
        listed("/channels"),
        listed("/auth/me"),
        listed("/events", after=0),
        listed("/events", after=10_000_000_000),
    ]


def last_pages(size: int) -> list[Read]:
    """Pages are counted from the front, so the last ones are outside the bar."""
    return [
        Read(f"{path}?page={size // 20}", f"{path}, last page", judged=False)
        for path in ("/guests", "/conversations", "/tasks")
    ]
