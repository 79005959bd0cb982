"""What the staff page reads of what happens, by its own scripts without a browser."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from jack.pages import static_files

STAFF = Path(static_files.__file__).parent / "static" / "staff"
# As much of a browser as these scripts look at. `asked`: the paths that have been read, `left`: the calls there are.
BROWSER = """
const none = () => {};
const element = () => ({ dataset: { texts: "{}" }, lang: "en", addEventListener: none });
globalThis.document = {
    ...element(), body: element(), documentElement: element(), getElementById: none, querySelector: element
};
globalThis.addEventListener = none;
globalThis.localStorage = { getItem: () => null, setItem: none };
globalThis.location = { hash: "" };
Object.defineProperty(globalThis, "navigator", { value: { languages: ["en"] } });
globalThis.matchMedia = () => ({ matches: false, addEventListener: none });
const asked = [];
globalThis.fetch = async (url, { method }) => {
    const path = url.replace("STATIC", "");
    asked.push(path.split("/api/v1")[1]);
    const page = ["guest_mine", "guest_unassigned", "task_urgent"];
    const data = { page, id: path.split("/").at(-1), priority: "urgent", status: "open", assignee: null };
    const headers = new Map([["X-RateLimit-Remaining", String(LEFT)]]);
    return { ok: true, status: 200, headers, json: async () => ({ success: true, data }) };
};
const { told } = await import("STAFF/told/kinds.js");
asked.length = 0;
const found = await told(EVENTS);
console.log(JSON.stringify({ asked, told: found.map(({ kind, event }) => [kind, event.seq]) }));
"""


def told(events: list[dict[str, Any]], left: int = 100) -> Any:
    """What is told of these events, and what is read for it."""
    node = shutil.which("node")
    if not node:
        pytest.skip("node is missing")
    script = BROWSER.replace("STAFF", STAFF.as_uri()).replace("LEFT", str(left))
    script = script.replace("EVENTS", json.dumps(events))
    done = subprocess.run(
        [node, "--input-type=module", "-e", script], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout)


def made(seq: int, task: str) -> dict[str, Any]:
    actor = {"type": "api", "id": None, "name": None}
    given = {"seq": seq, "subjectId": task, "conversationId": None, "actorId": None}
    return {"type": "task.created", "actor": actor, "changed": [], **given}


def said(seq: int, conversation: str) -> dict[str, Any]:
    return made(seq, f"msg-{seq}") | {
        "type": "conversation.message.created",
        "actor": {"type": "guest", "id": None, "name": None},
        "conversationId": conversation,
    }


CHOICE = "/auth/me/notifications"


def test_an_import_of_tasks_is_told_of_the_latest_few_and_they_alone_are_read() -> None:
    found = told([made(number, f"task-{number}") for number in range(100)])
    assert found["asked"] == [CHOICE, *(f"/tasks/task-{number}" for number in range(99, 93, -1))]
    assert found["told"] == [["task_urgent", number] for number in range(94, 100)]


def test_what_several_events_are_about_is_read_once() -> None:
    found = told([said(1, "conv-1"), said(2, "conv-2"), said(3, "conv-1")])
    assert found["asked"] == [CHOICE, "/conversations/conv-1", "/conversations/conv-2"]
    assert found["told"] == [["guest_unassigned", number] for number in (1, 2, 3)]


def test_without_calls_to_spare_the_last_one_alone_is_read() -> None:
    found = told([said(1, "conv-1"), said(2, "conv-2")], left=20)
    assert found["asked"] == [CHOICE, "/conversations/conv-2"]
    assert found["told"] == [["guest_unassigned", 2]]
