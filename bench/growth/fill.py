"""Making a dataset of a size, once: the file is cached in bench/.cache until schema or generator change."""

import hashlib
import json
import shutil
import time
from contextlib import ExitStack
from pathlib import Path

import apsw

from bench import jack_up
from bench.client import request
from bench.growth.rows import Dataset
from bench.servers import Server
from bench.settings import CACHE, ROOT, BenchError, say

STAFF = 9
KNOWLEDGE = 200
CATEGORIES = ("room_type", "policy", "amenity", "service", "local_info", "faq")

CONVERSATION = """
    INSERT INTO conversations (seq, id, guest_id, channel, status, assignee_id, subject, preview,
                               inbound_count, last_message_at, active_at, waiting_since,
                               created_at, updated_at)
    VALUES (:seq, :id, :guest_id, :channel, :status, :assignee_id, :subject, :preview,
            :inbound_count, :active_at, :active_at, :waiting_since, :created_at, :active_at)"""

MESSAGE = """
    INSERT INTO messages (id, conversation_id, conversation_seq, direction, type, content, status,
                          author_type, author_id, created_at, sent_at)
    VALUES (:id, :conversation_id, (SELECT seq FROM conversations WHERE id = :conversation_id), :direction, 'text', :content, :status,
            :author_type, :author_id, :at, :at)"""

TASK = """
    INSERT INTO tasks (id, title, description, department, priority, status, guest_id, assignee_id,
                       due_at, completed_at, created_at, updated_at)
    VALUES (:id, :title, :description, :department, :priority, :status, :guest_id, :assignee_id,
            :due_at, :completed_at, :at, :at)"""

# Whoever measures has read every other conversation.
READ = """
    INSERT INTO conversation_reads (conversation_id, staff_id, inbound_count, current)
    SELECT conversations.id, staff.id, conversations.inbound_count, conversations.inbound_count > 0
    FROM conversations JOIN staff ON staff.role = 'admin'
    WHERE conversations.seq % 2 = 0"""

# What the triggers keep, which are not there while a hotel is filled.
COUNTS = """
    INSERT INTO conversation_counts (status, channel, assignee_id, waiting, has_inbound, conversations)
    SELECT status, channel, coalesce(assignee_id, ''), waiting_since IS NOT NULL, inbound_count > 0, count(*)
    FROM conversations GROUP BY 1, 2, 3, 4, 5;
    INSERT INTO read_counts (staff_id, status, channel, assignee_id, conversations)
    SELECT staff_id, status, channel, coalesce(assignee_id, ''), sum(current)
    FROM conversation_reads JOIN conversations ON conversations.id = conversation_id GROUP BY 1, 2, 3, 4;
    INSERT INTO task_counts (status, urgency, department, assignee_id, tasks)
    SELECT status, urgency, department, coalesce(assignee_id, ''), count(*) FROM tasks GROUP BY 1, 2, 3, 4"""

# The search indexes, made at the end in one go.
INDEXES = ("guest_search", "guest_grams", "message_search", "subject_search", "task_search")


def dataset(size: int, target: Path) -> None:
    """A dataset with `size` guests in the folder `target`."""
    kept = CACHE / f"{size}-{fingerprint()}"
    if not (kept / "complete").exists():
        for outdated in CACHE.glob(f"{size}-*"):
            shutil.rmtree(outdated)
        kept.mkdir(parents=True)
        make(size, kept)
        (kept / "complete").touch()
    shutil.copytree(kept, target)


def fingerprint() -> str:
    """What the file depends on."""
    digest = hashlib.sha256((ROOT / "schema.sql").read_bytes())
    for source in sorted(Path(__file__).parent.glob("*.py")):
        if source.name in ("fill.py", "rows.py", "words.py"):
            digest.update(source.read_bytes())
    return digest.hexdigest()[:12]


def make(size: int, instance: Path) -> None:
    """Let Jack make the file, then insert the rows."""
    begun = time.monotonic()
    say(f"Making a dataset of {size:,} guests (kept for the next time) ...")
    with ExitStack() as running:
        server = jack_up.start(instance, instance, running)
        staff = hire(server)
        teach(server)
    put(Dataset(size, staff), instance / "jack.db")
    say(f"... made in {time.monotonic() - begun:.0f} s")


def hire(server: Server) -> list[str]:
    """Some members of staff; their ids."""
    return [
        created(
            server, "/api/v1/staff", {"name": f"Clerk {number}", "email": email, "role": "staff"}
        )
        for number in range(STAFF)
        for email in [f"clerk.{number}@example.com"]
    ]


def teach(server: Server) -> None:
    """The knowledge base: as large in every dataset."""
    sentences = Dataset(KNOWLEDGE, []).sentences
    for number in range(KNOWLEDGE):
        entry = {
            "title": sentences[number][:60],
            "content": " ".join(sentences[number : number + 10]),
            "category": CATEGORIES[number % len(CATEGORIES)],
        }
        created(server, "/api/v1/knowledge", entry)


def created(server: Server, path: str, body: dict[str, str]) -> str:
    """The id of something new."""
    answer = request(server, "POST", path, json.dumps(body))
    if answer.status != 201:
        raise BenchError(f"POST {path}: {answer.status} {answer.body[:300]!r}")
    return str(answer.json["data"]["id"])


def put(dataset: Dataset, path: Path) -> None:
    """Guests through Jack's own store, the rest by the million straight into the tables."""
    db = apsw.Connection(str(path))
    triggers = db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        db.execute(f"DROP TRIGGER {name}")
    guests = put_guests(dataset, path)
    put_rest(db, dataset, guests)
    for index in INDEXES:
        db.execute(f"INSERT INTO {index} ({index}) VALUES ('rebuild')")
    for _, trigger in triggers:
        db.execute(str(trigger))
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    db.close()


def put_rest(db: apsw.Connection, dataset: Dataset, guests: list[str]) -> None:
    """Conversations, tasks and messages."""
    db.execute("PRAGMA synchronous = OFF; PRAGMA cache_size = -200000")
    with db:
        db.executemany(CONVERSATION, dataset.conversations(guests))
        db.executemany(TASK, dataset.tasks(guests))
        db.execute(READ)
        db.execute(COUNTS)
    with db:
        db.executemany(MESSAGE, dataset.messages())


def put_guests(dataset: Dataset, path: Path) -> list[str]:
    """Every guest, as the API would have made it; their ids."""
    from jack.core.db import Database, transaction  # only here: the peers are measured without Jack
    from jack.resources.guests import store

    db = Database(path)
    try:
        with transaction(db):
            return [store.create(db, **guest)["id"] for guest in dataset.guests()]
    finally:
        db.close()
