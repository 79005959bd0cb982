"""A real server on loopback, and members of staff who use its API."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from jack.core.db import Database, transaction
from jack.operations.serve import COMMANDS
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
ADMIN = {"email": "ada@hotel.example", "password": "correct horse battery"}
PATIENCE = 20.0
STARTING = 180.0  # seconds a server may take to start on a busy machine
SETTINGS = "SELECT key, value, updated_at FROM settings"
PUT_BACK = "INSERT INTO settings (key, value, updated_at) VALUES (:key, :value, :updated_at)"
NO_LIMITS = {
    "JACK_RATE_LIMIT": "1000000/minute",
    "JACK_RATE_LIMIT_WEBHOOKS": "1000000/minute",
    "JACK_RATE_LIMIT_WEBHOOKS_REFUSED": "1000000/minute",
    "JACK_RATE_LIMIT_PAGE": "1000000/minute",
    "JACK_RATE_LIMIT_CHAT": "1000000/minute",
    "JACK_RATE_LIMIT_CHAT_SESSIONS": "1000000/minute",
    "JACK_WEBHOOK_HOSTS": "127.0.0.1",  # where the tests' receivers are
    "JACK_PUSH_HOSTS": "127.0.0.1",
}


@dataclass
class Server:
    """Jack on a free port of loopback, with an instance folder of its own."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def __post_init__(self) -> None:
        self.port = free_port()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("JACK_", "PORT"))}
        made = {"JACK_INSTANCE": str(self.folder), "PORT": str(self.port), **NO_LIMITS}
        return inherited | made | self.settings

    def start(self) -> None:
        command = COMMANDS["granian"]
        self.folder.mkdir(parents=True, exist_ok=True)
        log = self.folder / "server.log"
        with log.open("ab") as said:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=self.environment, stdout=said, stderr=said
            )
        deadline = time.monotonic() + STARTING
        while not self._ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                pytest.fail(f"the server did not start:\n{log.read_text()}")
            time.sleep(0.05)

    def _ready(self) -> bool:
        with suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/readyz").status_code == 200
        return False

    def stop(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def settings_kept(server: Server) -> Iterator[None]:
    """Afterwards the settings are as before."""
    database = Database(server.folder / "jack.db")
    before = database.all(SETTINGS)
    yield
    if database.all(SETTINGS) != before:
        with transaction(database):
            database.run("DELETE FROM settings")
            for row in before:
                database.run(PUT_BACK, row)
    database.close()


class Staff:
    """A signed-in member of staff, who uses the API."""

    def __init__(self, server: Server, email: str, password: str) -> None:
        limits = httpx.Limits(max_keepalive_connections=0)
        self.http = httpx.Client(base_url=f"{server.url}/api/v1", timeout=PATIENCE, limits=limits)
        self.known = {"email": email, "password": password}
        self.sign_in()

    def sign_in(self) -> None:
        """Begin a session."""
        login = self.ask("POST", "/auth/login", json=self.known)
        self.http.headers["Authorization"] = f"Bearer {login['token']}"

    def ask(self, method: str, path: str, **sent: Any) -> Any:
        """The `data` of a call that must succeed."""
        response = self.http.request(method, path, **sent)
        assert response.is_success, response.text
        return response.json()["data"]

    def invite(self, name: str, email: str, **more: str) -> str:
        """Make a colleague; returns the token of their invitation."""
        new = {"name": name, "email": email, "role": "staff", **more}
        member = self.ask("POST", "/staff", json=new)
        token: str = member["invite"]["token"]
        return token

    def conversation(self, preview: str) -> dict[str, Any]:
        """The newest conversation whose last message begins like this."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            for found in self.ask("GET", "/conversations", params={"limit": 20}):
                if (found["preview"] or "").startswith(preview):
                    return dict(found)
            time.sleep(0.05)
        pytest.fail(f"no conversation with {preview!r}")

    def messages(self, conversation_id: str) -> list[dict[str, Any]]:
        path = f"/conversations/{conversation_id}/messages"
        return list(self.ask("GET", path, params={"limit": 100}))

    def said(self, conversation_id: str) -> list[str]:
        """What the guest has said in it."""
        return [m["content"] for m in self.messages(conversation_id) if m["direction"] == "inbound"]

    def answer(self, conversation_id: str, content: str) -> dict[str, Any]:
        path = f"/conversations/{conversation_id}/messages"
        return dict(self.ask("POST", path, json={"content": content, "type": "text"}))

    def status(self, conversation_id: str, message_id: str) -> str:
        messages = {message["id"]: message for message in self.messages(conversation_id)}
        return str(messages[message_id]["status"])

    def until_status(self, conversation_id: str, message_id: str, status: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while (now := self.status(conversation_id, message_id)) != status:
            assert time.monotonic() < deadline, f"still {now}, not {status}"
            time.sleep(0.05)

    def history(self, message_id: str) -> list[str]:
        """Every status the message has had, in order."""
        found, after = [], 0
        while events := self.ask("GET", "/events", params={"limit": 100, "after": after}):
            found += [event for event in events if event["subjectId"] == message_id]
            after = events[-1]["seq"]
        words = {
            "sentAt": "sent",
            "deliveredAt": "delivered",
            "readAt": "read",
            "status": "sending",
        }
        return [words[event["changed"][-1]] if event["changed"] else "queued" for event in found]
