"""`python -m jack.demo.simulators --jack http://127.0.0.1:8000`: guests on four channels, with the providers they need.

The first line it prints is JSON: the settings `channels.whatsapp`, `channels.sms` and `channels.email` that connect Jack
to them. As soon as Jack answers, each guest writes, and goes on a second or two after they are answered. It ends at
Ctrl-C, at SIGTERM, and when its standard input is closed, so that it never outlives whoever started it.
"""

from __future__ import annotations

import argparse
import http.client
import json
import signal
import sys
import threading
import time
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

from jack.demo.simulators.cast import Cast
from jack.demo.simulators.hooks import to_url
from jack.demo.simulators.mailbox import Mailbox
from jack.demo.simulators.meta import MetaPeer
from jack.demo.simulators.twilio import TwilioPeer
from jack.demo.simulators.visitor import Visitor

PACE = 0.4  # seconds from one status of a message to the next
PATIENCE = 60.0
POLL_SECONDS = 5


class Street:
    """Everybody outside the hotel."""

    def __init__(self, jack: str) -> None:
        self.jack, self.cast = jack, Cast()
        hook = to_url(jack)
        read = ("sent", "delivered", "read")
        self.meta = MetaPeer(hook, statuses=read, pace=PACE, trusting=True)
        self.twilio = TwilioPeer(hook, public_url=jack, pace=PACE)
        self.mailbox = Mailbox(pace=2 * PACE)
        self.meta.answers = lambda guest, _: self._goes_on("whatsapp", guest, guest.wa_id or "")
        self.twilio.answers = lambda guest, _: self._goes_on("sms", guest, guest.address)
        self.mailbox.answers = self._writes_back

    def settings(self) -> dict[str, Any]:
        """What connects Jack with all of it."""
        mail = self.mailbox.settings()
        return {
            "channels.whatsapp": self.meta.settings(),
            "channels.sms": self.twilio.sms_settings(),
            "channels.email": mail | {"imap": mail["imap"] | {"pollSeconds": POLL_SECONDS}},
        }

    def _goes_on(self, channel: str, guest: Any, address: str) -> None:
        line = self.cast.next_line(channel, address)
        if line:
            guest.says(line)

    def _writes_back(self, guest: Any, mail: Any) -> None:
        line = self.cast.next_line("email", guest.address)
        if line:
            guest.replies(mail, line)

    def begin(self) -> Visitor:
        """Everybody says what they have come for."""
        known = self.cast.guests
        self.meta.subscribe()
        person = known["whatsapp"]
        self.meta.guest(person["address"], person["name"]).says(person["says"])
        person = known["sms"]
        self.twilio.guest(person["address"], person["name"]).says(person["says"])
        visitor = known["web"]
        chat = Visitor(
            self.jack, visitor["name"], visitor["says"], lambda: self.cast.next_line("web", "")
        )
        chat.start()
        threading.Thread(target=self._write_mail, daemon=True).start()
        return chat

    def _write_mail(self) -> None:
        """Once the hotel looks into its mailbox: what was there before is none of its business."""
        person = self.cast.guests["email"]
        if self.mailbox.looked.wait(PATIENCE):
            guest = self.mailbox.guest(person["address"], person["name"])
            guest.writes(person["subject"], person["says"])


def answers(url: str) -> bool:
    """Whether Jack answers, within a minute."""
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        line = http.client.HTTPConnection(urlsplit(url).netloc, timeout=5)
        try:
            line.request("GET", "/healthz")
            if line.getresponse().status == 200:
                return True
        except (OSError, http.client.HTTPException):
            time.sleep(0.1)
        finally:
            line.close()
    return False


def main() -> None:
    """Until whoever started it ends it."""
    asked = argparse.ArgumentParser(prog="python -m jack.demo.simulators")
    asked.add_argument("--jack", required=True, help="where Jack serves: http://127.0.0.1:8000")
    street = Street(asked.parse_args().jack.rstrip("/"))
    with ExitStack() as open_:
        for peer in (street.meta, street.twilio, street.mailbox):
            open_.enter_context(peer)
        print(json.dumps(street.settings()), flush=True)  # noqa: T201 (its answer)
        threading.Thread(target=_perform, args=(street,), daemon=True).start()
        sys.stdin.read()


def _perform(street: Street) -> None:
    if answers(street.jack):
        street.begin()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(0)
