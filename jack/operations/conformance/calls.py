"""The calls of the reference, in its order; within a resource what makes something stands first, for the others to ask for it.

A step is a function that makes its calls through a `Run` and leaves what later ones need in `run.ids`.
Bodies are the reference's, with an e-mail and a phone number that are new each time, and the ids of what is there.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from jack.operations.conformance.checks import (
    PAGE,
    every,
    has,
    has_value,
    holds,
    includes,
    listed,
    one,
    paged,
    refused,
    standard_limit,
    success,
)

if TYPE_CHECKING:
    from jack.operations.conformance.run import Run

CONVERSATION = ("status", "channel", "assignee")
GUEST = ("name", "email", "phone", "tags", "notes")
TASK = ("title", "description", "department", "priority", "guestId", "status", "notes")
ENTRY = ("title", "content", "category")
MEMBER = ("name", "email", "role", "department")
NO_CONVERSATION = "there is no conversation; have a guest write first"
NO_STAFF_TOKEN = "give --staff-token, the token of somebody who is no administrator"
NOBODY = "no-such-id"


def conversations(run: Run) -> None:
    """Lists by every documented filter, then one conversation and its messages."""
    found = run.listed("/conversations", paged(1, PAGE))
    run.listed(
        "/conversations?status=open&channel=whatsapp&limit=20",
        every(status="open", channel="whatsapp"),
        paged(1, 20),
    )
    for status in ("open", "closed", "pending"):
        run.listed(f"/conversations?status={status}", every(status=status))
    for channel in ("whatsapp", "sms", "email", "web"):
        run.listed(f"/conversations?channel={channel}", every(channel=channel))
    run.listed("/conversations?assignee=unassigned")
    run.listed("/conversations?page=2&limit=50", paged(2, 50))
    run.ids["conversation"] = run.conversation or (found[0].get("id") if found else None)
    if run.ids["conversation"] is None:
        for call in ("GET /conversations/:id", "GET /conversations/:id/messages"):
            run.left_out(call, NO_CONVERSATION)
        run.left_out("POST /conversations/:id/messages", NO_CONVERSATION)
        run.left_out("PATCH /conversations/:id", NO_CONVERSATION)
    else:
        _one_conversation(run, f"/conversations/{run.ids['conversation']}")


def _one_conversation(run: Run, path: str) -> None:
    run.ask("GET", path, success, one, has(*CONVERSATION))
    run.listed(f"{path}/messages")
    if run.conversation is None:
        why = "it would reach a guest; name a conversation that may get it with --conversation"
        run.left_out(f"POST {path}/messages", why)
        run.left_out(f"PATCH {path}", why)
        return
    said = {"content": "Hello! How can I help you today?", "type": "text"}
    run.ask("POST", f"{path}/messages", success, one, holds(**said), body=said)
    member = run.first("/staff")
    change = {"status": "closed", "assignee": member}
    run.ask("PATCH", path, success, one, holds(**change), body=change)
    mine = f"/conversations?assignee={member}"
    run.listed(mine, every(assignee=member), includes(run.ids["conversation"]))


def guests(run: Run) -> None:
    """A guest is made, changed, read and found."""
    body = {
        "name": "John Smith",
        "email": f"john.smith.{secrets.token_hex(6)}@example.com",
        "phone": f"+1555{2_000_000 + secrets.randbelow(7_999_999)}",
    }
    made = run.ask("POST", "/guests", success, one, has(*GUEST), holds(**body), body=body)
    id = run.ids["guest"] = made.one.get("id") if made else None
    change = {"tags": ["vip", "returning"], "notes": "Prefers quiet room"}
    run.ask("PATCH", f"/guests/{id}", success, one, holds(**body), holds(**change), body=change)
    run.ask("GET", f"/guests/{id}", success, one, holds(id=id), holds(**body), holds(**change))
    run.listed("/guests", paged(1, PAGE))
    run.listed("/guests?search=john&tag=vip", includes(id))


def tasks(run: Run) -> None:
    """A task is made, changed, read and found."""
    body = {
        "title": "Extra towels for room 302",
        "description": "Guest requested 2 extra bath towels",
        "department": "housekeeping",
        "priority": "normal",
        "guestId": run.ids.get("guest"),
    }
    made = run.ask("POST", "/tasks", success, one, has(*TASK), holds(**body), body=body)
    id = made.one.get("id") if made else None
    change = {"status": "completed", "notes": "Delivered at 3:45 PM"}
    run.ask("GET", f"/tasks/{id}", success, one, holds(id=id), holds(**body))
    run.ask("PATCH", f"/tasks/{id}", success, one, holds(**body), holds(**change), body=change)
    run.listed("/tasks", paged(1, PAGE))
    wanted = {"status": "open", "priority": "urgent", "department": "housekeeping"}
    run.listed("/tasks?status=open&priority=urgent&department=housekeeping", every(**wanted))


def knowledge(run: Run) -> None:
    """An entry is made, replaced, found, and gone after its deletion."""
    body = {
        "title": "Pool Hours",
        "content": "The pool is open daily from 6 AM to 10 PM...",
        "category": "amenity",
    }
    made = run.ask("POST", "/knowledge", success, one, has(*ENTRY), holds(**body), body=body)
    path = f"/knowledge/{made.one.get('id') if made else None}"
    change = {
        "title": "Pool Hours (Updated)",
        "content": "The pool is open daily from 7 AM to 9 PM...",
    }
    run.listed("/knowledge", paged(1, PAGE))
    run.listed("/knowledge?category=policy", every(category="policy"))
    run.ask("GET", path, success, one, holds(**body))
    run.ask("PUT", path, success, one, holds(**change), body=change)
    run.ask("DELETE", path, success)
    run.ask("GET", path, refused(404), note="deleted")


def staff(run: Run) -> None:
    """A member of staff is made and read; only administrators may make one."""
    body = {
        "name": "Jane Doe",
        "email": f"jane.doe.{secrets.token_hex(6)}@example.com",
        "role": "staff",
        "department": "front-desk",
    }
    made = run.ask("POST", "/staff", success, one, has(*MEMBER), holds(**body), body=body)
    id = made.one.get("id") if made else None
    run.listed("/staff", paged(1, PAGE))
    run.ask("GET", f"/staff/{id}", success, one, holds(id=id), holds(**body))
    run.forbidden("POST", "/staff", body)


def settings(run: Run) -> None:
    """A setting is read, and put back as it was read; only administrators may put one."""
    path = f"/settings/{run.setting}"
    read = run.ask("GET", path, success, has_value)
    value = read.one.get("value") if read else None
    if not isinstance(value, dict):
        run.left_out(f"PUT    {path}", "there is no value to put back")
        return
    run.ask("PUT", path, success, holds(value=value), body={"value": value})
    run.forbidden("PUT", path, {"value": value})


def errors(run: Run) -> None:
    """Every code of the table that a caller can bring about, the rate limit last."""
    run.ask("POST", "/guests", refused(400), body={}, note="without a name")
    unknown = {"title": "Extra towels", "priority": "soon"}
    run.ask("POST", "/tasks", refused(400), body=unknown, note="an unknown priority")
    run.ask("GET", "/guests?limit=none", refused(400))
    run.ask("GET", "/guests", refused(401), by=run.stranger, note="without a token")
    run.ask("GET", "/guests", refused(401), by=run.forger, note="with a made-up token")
    for resource in ("conversations", "guests", "tasks", "knowledge", "staff", "settings"):
        run.ask("GET", f"/{resource}/{NOBODY}", refused(404))
    run.ask("GET", "/no-such-resource", refused(404))
    run.ask("GET", "/guests?limit=1", success, listed, standard_limit)
    run.until_limited("/guests?limit=1", refused(429))


STEPS = (conversations, guests, tasks, knowledge, staff, settings, errors)
