"""Large files in front of real servers: imports of 50 MiB go in, exports come out, by nginx itself where it may."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from jack.core.db import Database
from jack.resources.exports import store
from tests.builders import make_guest
from tests.system.conftest import ADMIN, Gunicorn, Nginx
from tests.system.test_nginx import sign_in

pytestmark = pytest.mark.system

MIB = 1024 * 1024
PATIENCE = 60.0
ACCELERATED = {"JACK_ACCEL_REDIRECT": "/.instance/"}


def written(client: httpx.Client, headers: dict[str, str]) -> str:
    """The path of an export's file, once the worker has written it."""
    made = client.post("/api/v1/exports", json={"what": "guests"}, headers=headers)
    path = f"/api/v1/exports/{made.json()['data']['id']}"
    end = time.monotonic() + PATIENCE
    while client.get(path, headers=headers).json()["data"]["status"] != "done":
        assert time.monotonic() < end
        time.sleep(0.1)
    return f"{path}/file"


@pytest.mark.parametrize("settings", [{}, ACCELERATED], ids=["by Jack", "by nginx"])
def test_an_export_comes_through_nginx(
    settings: dict[str, str], short_folder: Callable[[], Path]
) -> None:
    server = Gunicorn(short_folder(), settings=settings)
    server.start()
    nginx = Nginx(short_folder(), server.socket)
    nginx.start()
    try:
        with nginx.client() as client:
            headers = sign_in(client)
            database = Database(server.folder / "instance/jack.db")
            make_guest(database, name="Zoë")
            path = written(client, headers)
            found = client.get(path, headers=headers)
            _check(found)
            for place in ("exports/x.csv", "jack.db", "secret.key", "exports/../secret.key"):
                assert client.get(f"/.instance/{place}").status_code == 404
            modes = {one.stat().st_mode & 0o777 for one in store.folder(database).iterdir()}
            assert modes == {0o640 if settings else 0o600}
            database.close()
    finally:
        nginx.stop()
        server.stop()


def test_a_backup_is_sent_by_nginx_itself(short_folder: Callable[[], Path]) -> None:
    server = Gunicorn(short_folder(), settings=ACCELERATED)
    server.start()
    nginx = Nginx(short_folder(), server.socket)
    nginx.start()
    try:
        with nginx.client() as client:
            headers = sign_in(client)
            made = client.post("/api/v1/backups", headers=headers).json()["data"]
            path = f"/api/v1/backups/{made['id']}"
            end = time.monotonic() + PATIENCE
            while client.get(path, headers=headers).json()["data"]["status"] != "done":
                assert time.monotonic() < end
                time.sleep(0.1)
            given = {"password": ADMIN["password"]}
            token = client.post(f"{path}/token", json=given, headers=headers).json()["data"]
            file = f"{path}/file?token={token['token']}"
            with server.client() as inside:  # past nginx there is only the name of the file
                assert inside.get(file, headers=headers).headers["X-Accel-Redirect"]
            found = client.get(file, headers=headers)
            assert found.content.startswith(b"SQLite format 3")
            assert "x-accel-redirect" not in found.headers
            name = found.headers["content-disposition"].split('"')[1]
            for place in (f"backups/{name}", f"backups/{name}.json", "exports/../backups"):
                assert client.get(f"/.instance/{place}").status_code == 404
    finally:
        nginx.stop()
        server.stop()


def _check(found: httpx.Response) -> None:
    assert found.status_code == 200, found.text
    assert found.text.splitlines()[1].split(",")[1] == "Zoë"
    headers: Any = found.headers
    assert headers["content-type"].startswith("text/csv")
    assert headers["content-disposition"].startswith('attachment; filename="guests-20')
    assert headers.get_list("x-row-count") == ["1"]
    assert len(headers.get_list("x-request-id")) == 1
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"].startswith("sandbox;")
    assert int(headers["x-ratelimit-remaining"]) > 0
    assert "x-accel-redirect" not in headers


@pytest.mark.parametrize("path", ["/api/v1/imports/guests", "/api/v1/imports/guests/preview"])
def test_a_file_of_50_mib_goes_in_and_a_larger_one_does_not(nginx: Nginx, path: str) -> None:
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n'
    table = b"name,notes\n".ljust(50 * MIB, b"\n")
    with nginx.client() as client:
        typed = sign_in(client) | {"Content-Type": "multipart/form-data; boundary=x"}
        for more, status in ((b"", (200, 202)), (b"\n", (413,))):
            content = head + table + more + b"\r\n--x--"
            answer = client.post(path, content=content, headers=typed, timeout=PATIENCE)
            assert answer.status_code in status, answer.text
