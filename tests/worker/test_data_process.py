"""Exports and imports in their own process: done by the worker, ended with it, killed and gone on with."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

from jack.core.db import Database
from jack.resources.imports import store as imports
from jack.worker import data_process
from jack.worker.worker_lock import WorkerLock
from tests.builders import make_guest
from tests.conftest import Person
from tests.resources.imports.files import counts, upload

PATIENCE = 60.0
MANY = "name,email\n" + "".join(f"Guest {n},g{n}@x.test\n" for n in range(600))


def until(true: Any) -> Any:
    """What `true` returns once it is something."""
    end = time.monotonic() + PATIENCE
    while not (found := true()):
        assert time.monotonic() < end, "it never came"
        time.sleep(0.02)
    return found


def test_the_worker_does_both(admin: Person, manager: Person, worker: Any) -> None:
    asked = {"what": "guest", "filters": {"guestId": make_guest(manager.db)["id"]}}
    of_guest = admin.post("/exports", json=asked).json["data"]["id"]
    export_id = manager.post("/exports", json={"what": "guests"}).json["data"]["id"]
    import_id = upload(manager, "/imports/guests", "name\nAna\n").json["data"]["id"]
    worker()
    paths = (f"/exports/{export_id}", f"/imports/{import_id}")
    until(lambda: all(manager.get(path).json["data"]["status"] == "done" for path in paths))
    until(lambda: admin.get(f"/exports/{of_guest}").json["data"]["status"] == "done")
    assert admin.get(f"/exports/{of_guest}/file").mimetype == "application/zip"
    assert manager.get(f"/exports/{export_id}/file").headers["X-Row-Count"] in ("1", "2")


def test_a_killed_import_goes_on_and_nothing_is_there_twice(manager: Person) -> None:
    import_id = upload(manager, "/imports/guests", MANY, onMatch="overwrite").json["data"]["id"]
    for round in range(4):
        done = imports.get(manager.db, import_id)["done"]
        process = _started(manager.db.path, "imports")
        until(lambda done=done: imports.get(manager.db, import_id)["done"] > done)
        process.kill()
        process.wait()
        assert imports.get(manager.db, import_id)["status"] == "running", round
    assert _started(manager.db.path, "imports").wait(PATIENCE) == 0
    found = manager.get(f"/imports/{import_id}").json["data"]
    assert (found["status"], counts(found)) == ("done", (600, 0, 0, 0))
    assert manager.db.value("SELECT count(*) FROM guests") == 600
    created = "SELECT count(*) FROM events WHERE type = 'guest.created'"
    assert manager.db.value(created) == 600


def test_it_ends_with_the_worker(manager: Person) -> None:
    upload(manager, "/imports/guests", MANY)
    stopped = threading.Event()
    database = Database(manager.db.path)
    running = threading.Thread(target=data_process.run, args=("imports", stopped, "", database))
    running.start()
    until(lambda: manager.db.value("SELECT done FROM imports"))
    stopped.set()
    running.join(PATIENCE)
    assert not running.is_alive()
    lock = WorkerLock(manager.db.path.with_name("imports.lock"))
    assert until(lock.acquire)
    lock.release()
    database.close()


def test_it_ends_when_the_worker_was_killed(manager: Person) -> None:
    upload(manager, "/imports/guests", MANY)
    process = _started(manager.db.path, "imports", parent=1)
    assert process.wait(PATIENCE) == 0
    assert manager.db.value("SELECT done FROM imports") < 600


def test_two_do_not_work_at_the_same_time(manager: Person) -> None:
    upload(manager, "/imports/guests", MANY)
    lock = WorkerLock(manager.db.path.with_name("imports.lock"))
    assert lock.acquire()
    assert _started(manager.db.path, "imports").wait(PATIENCE) == 0
    assert manager.db.value("SELECT status FROM imports") == "queued"
    lock.release()


def _started(path: Path, kind: str, parent: int | None = None) -> subprocess.Popen[bytes]:
    return data_process.start(kind, path, os.getpid() if parent is None else parent)
