"""The demo: a hotel that holds together, calls that work as they are printed, and nothing left of it afterwards."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from flask.testing import FlaskClient

from jack import create_app, demo
from jack.core import clock
from jack.core.config import read
from jack.core.db import Database
from jack.core.paging import Listed, Page
from jack.demo import simulators
from jack.demo.data import read as data
from jack.demo.timeline import seconds
from jack.operations import serve
from jack.operations.terminal import CommandRefused
from jack.operations.verify import problems
from jack.resources.automations import preview
from jack.resources.automations import store as automations
from jack.resources.settings import hotel_time
from jack.resources.settings import store as settings_store
from jack.resources.templates import filling
from jack.resources.templates import store as templates
from tests.commands import PATIENCE, answers, looked_at, settings, started, until
from tests.ports import free_port

REFERENCE = {
    "guest": {"name": "John Smith", "email": "john.smith@example.com", "phone": "+15551234567"},
    "staff": {
        "name": "Jane Doe",
        "email": "jane.doe@example.com",
        "role": "staff",
        "department": "front-desk",
    },
    "task": {
        "title": "Extra towels for room 302",
        "description": "Guest requested 2 extra bath towels",
        "department": "housekeeping",
        "priority": "normal",
        "guestId": "guest-123",
    },
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A demo's instance, and what is told to whoever looks at it."""
    folder = tmp_path_factory.mktemp("demo") / "instance"
    return folder, demo.make(read({"JACK_INSTANCE": str(folder)})).welcome


@pytest.fixture
def db(made: tuple[Path, str]) -> Iterator[Database]:
    with looked_at(made[0] / "jack.db") as found:
        yield found


def count(db: Database, sql: str) -> Counter[str]:
    """What is there how often; `sql` selects one column."""
    return Counter(next(iter(row.values())) for row in db.all(sql))


# ------------------------------------------------------------------------------------------------ what is in it


def test_the_demo_violates_no_invariant(db: Database, tmp_path: Path) -> None:
    assert problems(db) == []
    assert count(db, "SELECT message_id FROM outbox") == {}


def test_there_is_something_of_everything(db: Database) -> None:
    assert db.value("SELECT count(*) FROM guests") >= 40
    channels = count(db, "SELECT channel FROM conversations")
    assert channels.keys() == {"whatsapp", "sms", "email", "web"}
    assert channels.total() >= 60
    assert count(db, "SELECT status FROM conversations").keys() == {"open", "pending", "closed"}
    # The house is well kept: who has waited for days would be no day that anybody believes in.
    assert db.value("SELECT count(*) FROM conversations WHERE waiting_since IS NOT NULL") == 3
    assert count(db, "SELECT assignee_id IS NULL FROM conversations").keys() == {0, 1}
    fates = {"received", "sent", "delivered", "read", "failed", "unknown", None}
    assert count(db, "SELECT status FROM messages").keys() == fates
    assert {"file", "image", "location", "note"} < count(db, "SELECT type FROM messages").keys()


def test_there_are_tasks_and_knowledge_of_every_kind(db: Database) -> None:
    assert db.value("SELECT count(*) FROM tasks") >= 40
    statuses = count(db, "SELECT status FROM tasks").keys()
    assert statuses == {"open", "in_progress", "blocked", "completed", "cancelled"}
    assert len(count(db, "SELECT department FROM tasks")) == 6
    assert len(count(db, "SELECT priority FROM tasks")) == 4
    late = "SELECT id FROM tasks WHERE status = 'open' AND due_at < :now"
    assert db.all(late, {"now": db.now()})
    assert db.value("SELECT count(*) FROM knowledge") >= 20
    assert len(count(db, "SELECT category FROM knowledge")) == 6


def test_it_speaks_several_languages(db: Database) -> None:
    languages = count(db, "SELECT substr(language, 1, 2) FROM guests")
    assert {"es", "en", "de", "fr", "pt", "it", "ja", "nl"} <= languages.keys()


def test_nothing_happens_in_the_future(db: Database) -> None:
    now = db.now()
    for table, column in (
        ("messages", "read_at"),
        ("messages", "created_at"),
        ("events", "created_at"),
        ("conversations", "updated_at"),
        ("tasks", "updated_at"),
    ):
        assert db.value(f"SELECT max({column}) FROM {table}") <= now


def test_everything_happens_in_order(db: Database) -> None:
    for table in ("messages", "events", "guests", "knowledge", "tasks"):
        moments = [
            row["at"] for row in db.all(f"SELECT created_at AS at FROM {table} ORDER BY seq")
        ]
        assert moments == sorted(moments)


def test_every_conversation_has_what_its_story_tells(db: Database) -> None:
    conversations = data("conversations")
    found = count(db, "SELECT conversation_id FROM messages")
    for conversation in conversations:
        assert found[conversation["id"]] == len(conversation["lines"]), conversation["id"]
        length = sum(gap for gap, *_ in conversation["lines"]) * 60
        assert length <= seconds(conversation["ago"]), conversation["id"]
    web = (
        "SELECT messages.id FROM messages JOIN conversations ON conversations.id = conversation_id"
    )
    written = sum(len(webchat["lines"]) for webchat in data("visitors"))
    unproven = sum("email" in webchat for webchat in data("visitors"))
    # Of an e-mail that is not proven, Jack leaves a note with the visitor's first messages.
    assert len(db.all(f"{web} WHERE channel = 'web' AND author_type <> 'system'")) == written
    assert len(db.all(f"{web} WHERE channel = 'web' AND author_type = 'system'")) == unproven


def test_no_address_or_number_is_anybodys() -> None:
    for guest in data("guests"):
        host = guest.get("email", "x@example.com").partition("@")[2]
        assert re.fullmatch(r"example(\.[a-z]+)+", host)
    assert all(member["email"].endswith(".example") for member in data("staff"))


def test_a_moment_ago_is_read_as_it_is_written() -> None:
    assert seconds("1d 2h 3m") == 86400 + 7200 + 180
    assert seconds("45m") == 2700


def test_channels_without_an_account_stay_off(db: Database) -> None:
    assert count(db, "SELECT key FROM settings").keys() == {"hotel", "channels.web", "variables"}


def test_accounts_are_put_into_the_settings_last(tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    account = {"enabled": True, "accountSid": "AC1", "authToken": "secret", "from": "+15550100"}
    made = demo.make(
        read({"JACK_INSTANCE": str(folder)}),
        lambda: {"channels.sms": account, "channels.email": {}},
    )
    with looked_at(folder / "jack.db") as db:
        assert settings_store.value(db, "channels.sms")["authToken"] == "secret"
        assert made.latest == db.value("SELECT max(seq) FROM events")
    assert "secret" not in made.welcome


# ------------------------------------------------------------------------------------------------ what is told


@pytest.fixture
def client(made: tuple[Path, str]) -> Iterator[FlaskClient]:
    """A client signed in with the token that is printed."""
    app = create_app({"JACK_INSTANCE": str(made[0])})
    client = app.test_client()
    token = re.search(r"TOKEN=(\S+)", made[1])
    assert token is not None
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token[1]}"
    yield client
    app.extensions["jack"].databases.close()


def test_every_login_that_is_printed_works(made: tuple[Path, str], client: FlaskClient) -> None:
    logins = re.findall(r"^ +(admin|manager|staff) +(\S+@\S+) +(\S+)$", made[1], re.MULTILINE)
    assert [role for role, _, _ in logins] == ["admin", "manager", "staff"]
    for role, email, password in logins:
        given = {"email": email, "password": password}
        answer = client.post("/api/v1/auth/login", json=given)
        assert answer.status_code == 200
        assert answer.get_json()["data"]["user"]["role"] == role


def test_passwords_are_made_for_the_occasion(made: tuple[Path, str], tmp_path: Path) -> None:
    another = demo.make(read({"JACK_INSTANCE": str(tmp_path / "instance")})).welcome
    ours, theirs = (
        set(re.findall(r"\S+-\d{5}$", text, re.MULTILINE)) for text in (made[1], another)
    )
    assert len(ours) == len(theirs) == 3
    assert not ours & theirs


@pytest.mark.parametrize(
    "path",
    [
        "/conversations?status=open&channel=whatsapp&limit=20",
        "/conversations?page=2&limit=50",
        "/guests?search=john&tag=vip",
        "/guests/guest-123",
        "/tasks?status=open&priority=urgent&department=housekeeping",
        "/knowledge?category=policy",
        "/staff/staff-123",
    ],
)
def test_the_examples_of_the_reference_find_something(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/api/v1{path}")
    assert answer.status_code == 200
    assert answer.get_json()["data"]


def test_who_wrote_today_can_be_answered_today(client: FlaskClient, db: Database) -> None:
    found = client.get("/api/v1/conversations/conv-123").get_json()["data"]
    assert found["channel"] == "whatsapp"
    assert found["windowExpiresAt"] > db.now()


def test_the_examples_of_the_reference_work_as_they_are_printed(client: FlaskClient) -> None:
    for path, body in (("guests", "guest"), ("staff", "staff"), ("tasks", "task")):
        assert client.post(f"/api/v1/{path}", json=REFERENCE[body]).status_code == 201
    close = {"status": "closed", "assignee": "staff-123"}
    answer = client.patch("/api/v1/conversations/conv-123", json=close)
    assert answer.status_code == 200
    tags = {"tags": ["vip", "returning"], "notes": "Prefers quiet room"}
    assert client.patch("/api/v1/guests/guest-123", json=tags).status_code == 200
    done = {"status": "completed", "notes": "Delivered at 3:45 PM"}
    assert client.patch("/api/v1/tasks/task-123", json=done).status_code == 200
    hours = {"title": "Pool Hours (Updated)", "content": "The pool is open daily..."}
    assert client.put("/api/v1/knowledge/kb-123", json=hours).status_code == 200


# ------------------------------------------------------------------------------------------------ for real


def opened(env: dict[str, str]) -> tuple[subprocess.Popen[str], str]:
    """A running demo, and what it printed when it was ready."""
    program = started("demo", env=env)
    assert program.stdout is not None
    output = ""
    for line in program.stdout:
        output += line
        if "staff-123" in line:
            return program, output
    pytest.fail(program.communicate()[1])


@pytest.mark.system
@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_demo_serves_and_leaves_nothing_behind(tmp_path: Path, ending: signal.Signals) -> None:
    hotel = tmp_path / "the hotel's own"
    env = settings(TMPDIR=str(tmp_path), PORT=str(free_port()), JACK_INSTANCE=str(hotel))
    program, output = opened(env)
    try:
        (folder,) = tmp_path.glob("jack-demo-*")
        assert folder.stat().st_mode & 0o777 == 0o700
        calls = re.findall(r"^    curl .*?(?:\n         .*?)?$", output, re.MULTILINE)
        token = re.search(r"TOKEN=\S+", output)
        assert token is not None
        assert len(calls) == 3
        for call in calls:
            shell = ["bash", "-c", f"{token[0]}\n{call} --silent --fail"]
            answer = subprocess.run(shell, capture_output=True, text=True, check=True)
            assert json.loads(answer.stdout)["data"]
    finally:
        program.send_signal(ending)
        last, _ = program.communicate(timeout=PATIENCE)
    assert program.returncode == 0
    assert "deleted" in last
    assert list(tmp_path.iterdir()) == []
    assert not answers(int(env["PORT"]))


ANSWERED = {
    "whatsapp": {"read"},
    "sms": {"delivered"},
    "email": {"sent"},
    "web": {"delivered", "read"},
}


def newest_messages(url: str, headers: dict[str, str], channel: str) -> list[dict[str, Any]]:
    """What was said in the newest conversation of a channel that began after the demo did."""
    found = httpx.get(f"{url}/conversations?channel={channel}&limit=1", headers=headers).json()
    (newest,) = found["data"]
    if not newest["id"].startswith("conv-01"):  # one of the past has a short id
        return []
    answer = httpx.get(f"{url}/conversations/{newest['id']}/messages", headers=headers)
    return list(answer.json()["data"])


def answered(messages: list[dict[str, Any]], channel: str) -> bool:
    """Whether the guest wrote, was answered, has it, and wrote again."""
    directions = [message["direction"] for message in messages]
    if directions[:3] != ["inbound", "outbound", "inbound"]:
        return False
    return messages[1]["status"] in ANSWERED[channel]


@pytest.mark.system
def test_a_guest_on_every_channel_is_answered_and_goes_on(tmp_path: Path) -> None:
    program, output = opened(settings(TMPDIR=str(tmp_path), PORT=str(free_port())))
    try:
        url = re.search(r"http://127\.0\.0\.1:\d+/api/v1", output)
        token = re.search(r"TOKEN=(\S+)", output)
        assert url is not None
        assert token is not None
        headers = {"Authorization": f"Bearer {token[1]}"}
        for channel in ANSWERED:
            until(
                lambda channel=channel: answered(
                    newest_messages(url[0], headers, channel), channel
                ),
                f"a conversation by {channel}, answered and gone on",
                every=1.0,
            )
    finally:
        program.send_signal(signal.SIGTERM)
        program.communicate(timeout=PATIENCE)
    assert program.returncode == 0


@pytest.mark.system
def test_a_taken_port_is_passed_over(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        program, output = opened(settings(TMPDIR=str(tmp_path), PORT=str(taken)))
        program.send_signal(signal.SIGTERM)
        program.communicate(timeout=PATIENCE)
    url = re.search(r"http://127\.0\.0\.1:(\d+) ", output)
    assert url is not None
    assert taken < int(url[1]) <= taken + demo.PORTS_TRIED


@pytest.mark.system
def test_a_server_that_dies_is_told_of(tmp_path: Path) -> None:
    program, output = opened(settings(TMPDIR=str(tmp_path), PORT=str(free_port())))
    children = Path(f"/proc/{program.pid}/task/{program.pid}/children").read_text().split()
    for child in children:
        subprocess.run(["kill", child], check=True)
    _, complained = program.communicate(timeout=PATIENCE)
    assert program.returncode == 1
    assert "ended by itself" in complained
    assert list(tmp_path.iterdir()) == []


def test_when_every_port_is_taken_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def taken(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(demo, "probe_port", taken)
    with pytest.raises(CommandRefused, match="ports from 8000 on"):
        demo.free_port(8000)


def test_guests_that_do_not_start_are_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulators, "PROGRAM", ("false",))
    starting = simulators.running("http://127.0.0.1:1", {"PATH": "/usr/bin:/bin"})
    with starting as nobody, pytest.raises(CommandRefused, match="providers did not start"):
        nobody.accounts()


def test_guests_that_do_not_end_are_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        simulators, "PROGRAM", ("sh", "-c", "trap '' TERM; echo {}; while :; do sleep 1; done")
    )
    monkeypatch.setattr(simulators, "TIMEOUT", 0.2)
    with simulators.running("http://127.0.0.1:1", {"PATH": "/usr/bin:/bin"}) as deaf:
        assert deaf.accounts() == {}
        program = deaf._program
    assert program.returncode == -signal.SIGKILL


def test_a_server_that_does_not_start_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(serve.COMMANDS, "granian", ("false",))
    config = read({"PORT": str(free_port())})
    with pytest.raises(CommandRefused, match="did not start"), demo._served({}, config):
        pytest.fail("it did")


def test_a_server_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        serve.COMMANDS, "granian", ("sh", "-c", "trap '' TERM; echo; while :; do sleep 1; done")
    )
    monkeypatch.setattr(demo, "TIMEOUT", 0.2)
    monkeypatch.setattr(demo, "_wait_until_ready", lambda *_: None)
    with demo._served({"PATH": "/usr/bin:/bin"}, read({})) as server:
        until(lambda: Path(f"/proc/{server.pid}").exists(), "the program")
    assert server.wait(PATIENCE) is not None


def test_the_house_has_its_day(db: Database) -> None:
    """Twelve arrive and nine leave; nobody is in a room that somebody else is in."""
    zone = data("settings")["hotel"]["timeZone"]
    today = hotel_time.day_at(db.time(), zone)
    count = "SELECT count(*) FROM stays WHERE status NOT IN ('cancelled', 'no_show') AND "
    begun = db.value("SELECT max(updated_at) FROM stays")
    days = {today, hotel_time.day_at(clock.parse(begun).timestamp(), zone)}  # made before midnight
    found = [
        (
            db.value(f"{count} arrival = :day", {"day": day}),
            db.value(f"{count} departure = :day", {"day": day}),
        )
        for day in days
    ]
    assert (12, 9) in found
    rooms = db.column("SELECT room FROM stays WHERE status = 'in_house' AND room IS NOT NULL")
    assert len(rooms) == len(set(rooms)) >= 14


def test_its_templates_can_be_sent_to_whoever_is_in_the_house(db: Database) -> None:
    listed = templates.search(db, page=Page(1, 100))
    assert isinstance(listed, Listed)
    found = listed.rows
    by = db.value("SELECT id FROM staff LIMIT 1")
    guests = db.column("SELECT guest_id FROM stays WHERE status = 'in_house' AND confirmation > ''")
    assert len(found) >= 7
    for template in found:
        assert template["texts"].keys() == {"en", "es"}
        for guest in guests:
            who = filling.of_guest(db, guest, by=by)
            assert filling.fill(db, template, who)["missing"] == [], template


def test_a_message_before_arrival_goes_out_by_itself_while_one_watches(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    (row,) = automations.enabled(db)
    begun = clock.parse(str(row["enabled_at"])).timestamp()
    monkeypatch.setattr(db, "time", lambda: begun)  # other tests may have taken minutes since
    found = preview.foreseen(db, row)
    assert len(found) >= 2
    for one in found:
        assert one["reason"] in (None, "no_channel"), one
    assert clock.parse(str(found[0]["at"])).timestamp() - begun <= 121
    assert len(automations.search(db, page=Page(1, 100)).rows) == 5
