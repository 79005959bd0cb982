"""Who comes from outside, through TLS on port 443 of 127.0.0.1, by the hotel's name."""

from __future__ import annotations

import ssl
import threading
import time
from collections import Counter
from pathlib import Path

import httpx

from tests.system.conftest import ADMIN, HOST

PATIENCE = 120.0
CALLERS = 4
# Requests a second of all callers: a machine is upgraded meanwhile.
PACE = 100


class Visitor:
    """A client that knows the walk's certificate and nothing else."""

    def __init__(self, certificate: Path) -> None:
        self._context = ssl.create_default_context(cadata=certificate.read_text())
        self.token = ""

    def client(self) -> httpx.Client:
        def by_name(request: httpx.Request) -> None:
            request.extensions["sni_hostname"] = HOST

        return httpx.Client(
            base_url="https://127.0.0.1", verify=self._context, timeout=PATIENCE, headers={"Host": HOST},
            event_hooks={"request": [by_name]}, trust_env=False,
        )  # fmt: skip

    def _asked(self, method: str, path: str, body: object = None) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        with self.client() as client:
            answer = client.request(method, f"/api/v1{path}", json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer

    def set_up(self, token: str) -> None:
        """Become the first administrator by the link."""
        self.token = ""
        self._asked("POST", "/auth/setup", {"token": token, "name": "Ada", **ADMIN})
        self.sign_in()

    def sign_in(self) -> None:
        self.token = ""
        self.token = self._asked("POST", "/auth/login", ADMIN).json()["data"]["token"]

    def note_guest(self, name: str) -> None:
        self._asked("POST", "/guests", {"name": name, "email": "guest@example.com"})

    def guests(self) -> list[str]:
        return [guest["name"] for guest in self._asked("GET", "/guests").json()["data"]]

    def until_it_answers(self) -> None:
        give_up = time.monotonic() + PATIENCE
        while True:
            try:
                with self.client() as client:
                    if client.get("/readyz").status_code == 200:
                        return
            except httpx.TransportError:
                pass
            assert time.monotonic() < give_up, "Jack does not answer"
            time.sleep(0.5)


class Load:
    """Callers that ask for as long as the block lasts, and until they have asked often enough."""

    def __init__(self, visitor: Visitor, requests: int) -> None:
        self.visitor, self.requests, self.answers = visitor, requests, Counter[str]()
        self._over, self._lock = threading.Event(), threading.Lock()
        self._threads = [threading.Thread(target=self._ask) for _ in range(CALLERS)]

    def __enter__(self) -> Load:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        with self.visitor.client() as client:
            while True:
                try:
                    found = str(client.get("/readyz").status_code)
                except httpx.HTTPError as error:
                    found = type(error).__name__
                with self._lock:
                    self.answers[found] += 1
                    enough = self.answers.total() >= self.requests
                if enough and self._over.is_set():
                    return
                if not self._over.is_set():
                    time.sleep(CALLERS / PACE)
