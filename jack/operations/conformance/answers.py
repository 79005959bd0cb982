"""One call to the server and what came back, read without trust: it may be anything."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Mapping

BASE_PATH = "/api/v1"
PATIENCE = 30.0  # seconds until a server counts as one that does not answer


class Answer:
    """What the server said: status, headers (any case), and the JSON, None where it is not an object."""

    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self.json = _object(response)

    @property
    def data(self) -> object:
        """The `data` of a success."""
        return self.json.get("data")

    @property
    def rows(self) -> list[dict[str, object]]:
        """The objects in the `data` of a list."""
        found = self.data
        return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []

    @property
    def one(self) -> dict[str, object]:
        """The `data` of what is no list; empty where it is no object."""
        return found if isinstance(found := self.data, dict) else {}

    def part(self, name: str) -> dict[str, object]:
        """An object beside `data`: `meta`, `error`; empty where there is none."""
        found = self.json.get(name)
        return found if isinstance(found, dict) else {}


def _object(response: httpx.Response) -> dict[str, object]:
    try:
        found = response.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


class Server:
    """Calls below the base path of a server, by whoever has the token."""

    def __init__(self, url: str, token: str | None) -> None:
        base = url.rstrip("/")
        base = base if base.endswith(BASE_PATH) else base + BASE_PATH
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx.Client(base_url=base, headers=headers, timeout=PATIENCE)

    def ask(self, method: str, path: str, body: object = None) -> Answer:
        """The answer to a call. Raises httpx.HTTPError when there is none."""
        if body is None:
            return Answer(self._http.request(method, path))
        return Answer(self._http.request(method, path, json=body))

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()
