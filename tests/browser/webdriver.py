"""Firefox and WebKit, driven by the standard commands of WebDriver (W3C).

Debian's Firefox has no program beside it that speaks them over HTTP, but it takes the same commands itself, from a socket
(Marionette: `LENGTH:[0, number, "WebDriver:Navigate", {…}]`). WebKitGTK has WebKitWebDriver, which needs a screen: Xvfb.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

import httpx

from tests.browser.server import PATIENCE
from tests.ports import free_port

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the key of a reference, by the standard
STARTING = 60.0  # seconds a browser may take
MINI_BROWSERS = "/usr/lib/*/webkit2gtk-4.*/MiniBrowser"
PREFERENCES = {
    "marionette.port": 0,
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "intl.accept_languages": "en-GB, en",
    "intl.locale.requested": "en-GB",
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "toolkit.telemetry.enabled": False,
}


class Refused(Exception):
    """The browser's answer to a command it could not do."""


class Transport(Protocol):
    """Does a command on one path of the standard; returns its value. Raises Refused."""

    def __call__(self, method: str, path: str, **sent: Any) -> Any: ...


class Window:
    """A window of a browser. What is named by XPath is waited for."""

    def __init__(self, command: Transport) -> None:
        self.command = command

    def go(self, url: str) -> None:
        self.command("POST", "/url", url=url)

    def run(self, script: str, *values: Any) -> Any:
        """What a function with this body returns."""
        return self.command("POST", "/execute/sync", script=script, args=list(values))

    def find(self, xpath: str) -> str:
        """The first such element that is shown."""
        deadline = time.monotonic() + PATIENCE
        while True:
            for found in self.command("POST", "/elements", using="xpath", value=xpath):
                with suppress(Refused):
                    if self.run("return arguments[0].checkVisibility()", found):
                        return str(found[ELEMENT])
            assert time.monotonic() < deadline, f"{xpath} is not shown in:\n{self.text()}"
            time.sleep(0.1)

    def click(self, xpath: str) -> None:
        """Click what may just be drawn anew."""
        self._again(lambda: self.command("POST", f"/element/{self.find(xpath)}/click"))

    def write(self, xpath: str, text: str) -> None:
        self._again(lambda: self.command("POST", f"/element/{self.find(xpath)}/value", text=text))

    def text(self) -> str:
        return str(self.run("return document.body.innerText"))

    def _again(self, act: Callable[[], Any]) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                act()
                return
            except Refused:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)


def until(true: Callable[[], Any], seconds: float) -> Any:
    """Wait for this; returns it."""
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < deadline, "the browser did not start"
        time.sleep(0.1)
    return found


@contextmanager
def _program(command: list[str], log: Path, **environment: str) -> Iterator[None]:
    with log.open("ab") as said:
        process = subprocess.Popen(
            command, stdout=said, stderr=said, env={**os.environ, **environment}
        )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


# -------------------------------------------------------------------------------------------------------------- Firefox

# What a path of the standard is called on the socket, and what of it is an argument.
NAMES = {
    "url": "Navigate",
    "execute/sync": "ExecuteScript",
    "elements": "FindElements",
    "click": "ElementClick",
    "value": "ElementSendKeys",
}


class Marionette:
    """Firefox's own socket."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=STARTING)
        self.number = 0
        self._read()  # who it is
        self._ask("NewSession", {"capabilities": {}})

    def __call__(self, method: str, path: str, **sent: Any) -> Any:
        *_, last = parts = path.strip("/").split("/")
        if parts[0] == "element":
            sent["id"] = parts[1]
        name = NAMES["/".join(parts) if parts[0] == "execute" else last]
        answer = self._ask(name, sent)
        return answer["value"] if isinstance(answer, dict) and "value" in answer else answer

    def close(self) -> None:
        self.socket.close()

    def _ask(self, name: str, sent: dict[str, Any]) -> Any:
        self.number += 1
        words = json.dumps([0, self.number, f"WebDriver:{name}", sent]).encode()
        self.socket.sendall(b"%d:%b" % (len(words), words))
        _, number, error, value = self._read()
        assert number == self.number
        if error:
            raise Refused(error["error"], error["message"])
        return value

    def _read(self) -> Any:
        length = b""
        while (sign := self.socket.recv(1)) != b":":
            assert sign, "Firefox has closed its socket"
            length += sign
        words = b""
        while len(words) < int(length):
            words += self.socket.recv(int(length) - len(words))
        return json.loads(words)


@contextmanager
def firefox(folder: Path) -> Iterator[Window]:
    """A window of Firefox, without a screen, with a profile in this folder."""
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    assert program
    port = free_port()
    lines = (
        f"user_pref({json.dumps(name)}, {json.dumps(value)});\n"
        for name, value in {**PREFERENCES, "marionette.port": port}.items()
    )
    (folder / "user.js").write_text("".join(lines), encoding="utf-8")
    command = [program, "--headless", "--marionette", "--no-remote", "--profile", str(folder)]

    def connected() -> Marionette | None:
        with suppress(OSError):
            return Marionette(port)
        return None

    with (
        _program(
            command,
            folder / "said.log",
            HOME=str(folder),
            MOZ_HEADLESS_WIDTH="1280",
            MOZ_HEADLESS_HEIGHT="800",
        ),
        closing(until(connected, STARTING)) as browser,
    ):
        yield Window(browser)


# --------------------------------------------------------------------------------------------------------------- WebKit


def mini_browser() -> str | None:
    """The small browser that WebKitGTK comes with."""
    return next((str(path) for path in Path("/").glob(MINI_BROWSERS[1:])), None)


class Http:
    """WebKitWebDriver's session."""

    def __init__(self, port: int, options: dict[str, Any]) -> None:
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=STARTING)
        self.path = ""
        made = self("POST", "/session", capabilities={"alwaysMatch": options})
        self.path = f"/session/{made['sessionId']}"

    def __call__(self, method: str, path: str, **sent: Any) -> Any:
        answer = self.http.request(method, self.path + path, json=sent)
        value = answer.json()["value"]
        if answer.is_error:
            raise Refused(value["error"], value["message"])
        return value

    def close(self) -> None:
        with suppress(httpx.HTTPError):
            self("DELETE", "")
        self.http.close()


@contextmanager
def webkit(folder: Path) -> Iterator[Window]:
    """A window of WebKitGTK's MiniBrowser, on a screen of its own."""
    binary = mini_browser()
    assert binary
    port, log = free_port(), folder / "said.log"
    read, write = os.pipe()
    screen = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1280x900x24", "-nolisten", "tcp"]
    with log.open("ab") as said:
        xvfb = subprocess.Popen(screen, pass_fds=[write], stdout=said, stderr=said)
    os.close(write)
    try:
        with os.fdopen(read) as told:
            display = f":{told.readline().strip()}"
        own = {
            "DISPLAY": display,
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "LANGUAGE": "en_GB",
        }
        with _program(["WebKitWebDriver", f"--port={port}"], log, **own):
            options = {"binary": binary, "args": ["--automation", "--geometry=1280x860"]}

            def connected() -> Http | None:
                with suppress(httpx.ConnectError):
                    return Http(port, {"webkitgtk:browserOptions": options})
                return None

            with closing(until(connected, STARTING)) as browser:
                yield Window(browser)
    finally:
        xvfb.terminate()
        xvfb.wait()
