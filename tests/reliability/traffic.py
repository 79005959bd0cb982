"""A busy hotel: staff who work by REST, guests who write by Meta, Twilio and the web chat, and somebody who follows the events.

Everybody repeats what was not answered, with the same key, as the clients and providers of Jack do; the model hears of
what each began and of what was answered.
"""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.peers.hooks import Hook, to_url
from tests.peers.meta import MetaPeer
from tests.peers.twilio import TwilioPeer
from tests.reliability.client import LOST, Answer, Client
from tests.reliability.model import Model, Noted
from tests.reliability.server import PATIENCE, Server

PUBLIC_URL = "https://jack.example.com"
GUESTS = 12  # by each provider
EDGE = "parted"
AGAIN = 0.2  # of the webhooks that were answered, the share that is sent again all the same
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00"


@dataclass
class Traffic:
    """Everybody at work until `stop` is set, each drawing from a chance of their own."""

    server: Server
    model: Model
    seed: int
    meta: MetaPeer
    twilio: TwilioPeer
    admin: Client
    pause: float = 0.0  # seconds between two deeds of one
    talks: list[str] = field(default_factory=list)
    events: list[tuple[int, str, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    met: Counter[str] = field(default_factory=Counter)
    stopped: threading.Event = field(default_factory=threading.Event)
    all_done: threading.Event = field(default_factory=threading.Event)
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    threads: list[threading.Thread] = field(default_factory=list)

    # ---------------------------------------------------------------------------------------- running

    def begin(self) -> None:
        """Let everybody in."""
        self._introduce()
        workers: list[Callable[[random.Random], None]] = [
            *[self.work_at_the_desk] * 3,
            *[self.write_from_afar] * 2,
            self.chat,
        ]
        for number, work in enumerate(workers):
            chance = random.Random(f"{self.seed}-{number}")
            self._start(lambda work=work, chance=chance: self._repeat(work, chance))  # type: ignore[misc]
        self._start(self._follow)

    def end(self) -> None:
        """Let everybody finish what they are at; the server has to be there."""
        self.stopped.set()
        *workers, follower = self.threads
        for thread in workers:
            thread.join(4 * PATIENCE)
            assert not thread.is_alive(), self.refused
        self.all_done.set()
        follower.join(4 * PATIENCE)
        assert not follower.is_alive()

    def _start(self, work: Callable[[], None]) -> None:
        self.threads.append(threading.Thread(target=work, daemon=True))
        self.threads[-1].start()

    def _repeat(self, work: Callable[[random.Random], None], chance: random.Random) -> None:
        while not self.stopped.is_set():
            try:
                work(chance)
            except Exception as error:  # the test looks at these, and fails
                self.refused.append(repr(error))
                return
            time.sleep(self.pause)

    def _introduce(self) -> None:
        """Every guest of a provider has written once, so that they can be answered."""
        for guest in range(GUESTS):
            self._hear(lambda text, n=guest: self.meta.guest(f"521551234{n:04}").says(text))  # type: ignore[misc]
            self._hear(lambda text, n=guest: self.twilio.guest(f"+1555765{n:04}").says(text))  # type: ignore[misc]
        found = self.admin.get("/conversations?limit=100").data
        self.talks = [row["id"] for row in found if row["channel"] in ("whatsapp", "sms")]
        assert len(self.talks) == 2 * GUESTS

    # ---------------------------------------------------------------------------------------- what they do

    def work_at_the_desk(self, chance: random.Random) -> None:
        deeds = [self.register, self.note_task, self.finish_task, self.answer, self.answer]
        chance.choice([*deeds, self.note, self.upload, self.erase])(chance)

    def register(self, chance: random.Random) -> str:
        return self._create("guest", "/guests", lambda text: {"name": text, "notes": text * 30})

    def note_task(self, chance: random.Random) -> str:
        return self._create(
            "task", "/tasks", lambda text: {"title": text, "department": "concierge"}
        )

    def answer(self, chance: random.Random) -> str:
        path = f"/conversations/{chance.choice(self.talks)}/messages"
        return self._create("sent", path, lambda text: {"content": text})

    def note(self, chance: random.Random) -> str:
        path = f"/conversations/{chance.choice(self.talks)}/messages"
        return self._create("note", path, lambda text: {"content": text, "type": "note"})

    def finish_task(self, chance: random.Random) -> None:
        id = self.note_task(chance)
        text = next(p.text for p in reversed(self.model.promises) if p.id == id)
        self.model.begin("finished", text)
        self._until_answered(lambda: self.admin.patch(f"/tasks/{id}", {"status": "completed"}), 200)
        self.model.promise("finished", text, id)

    def erase(self, chance: random.Random) -> None:
        id = self.register(chance)
        self.model.erasing.add(id)
        # Asked a second time, whoever is erased is not there.
        self._until_answered(lambda: self.admin.call("DELETE", f"/guests/{id}"), 200, 404)
        self.model.erase(id)

    def upload(self, chance: random.Random) -> None:
        """A file; another one where no answer comes, because an upload has no key."""
        text = self._text("file")
        content = PNG + chance.randbytes(chance.randrange(100, 40_000))
        self.model.remember(text, content)
        self.model.begin("file", text)
        try:
            answer = self.admin.call("POST", "/attachments", *_form(f"{text}.png", content))
        except LOST:
            return
        if answer.status == 201:
            self.model.promise("file", text, answer.data["id"])
        elif answer.status != 503:
            self.refused.append(f"{answer.status} {answer.body!r}")

    def write_from_afar(self, chance: random.Random) -> None:
        """By WhatsApp or SMS; now and then the provider repeats what was answered."""
        n = chance.randrange(GUESTS)
        if chance.random() < 0.5:
            hook = self._hear(lambda text: self.meta.guest(f"521551234{n:04}").says(text))
        else:
            hook = self._hear(lambda text: self.twilio.guest(f"+1555765{n:04}").says(text))
        if chance.random() < AGAIN:
            self._deliver(hook)

    def chat(self, chance: random.Random) -> None:
        """A new visitor, who says a few things."""
        session = self._until_answered(
            lambda: self.server.nobody().post("/webchat/sessions", {}), 201
        )
        visitor = Client(self.server.port, session.data["token"])
        for _ in range(chance.randrange(1, 4)):
            text = self._text("chat")
            body = {"content": text, "clientMessageId": text}
            self.model.begin("chat", text)
            said = self._until_answered(
                lambda body=body: visitor.post("/webchat/messages", body),  # type: ignore[misc]
                201,
                200,
            )
            self.model.promise("chat", text, said.data["id"])

    # ---------------------------------------------------------------------------------------- how they do it

    def _text(self, kind: str) -> str:
        return f"{kind}-{next(self.numbers)}"

    def _create(self, kind: str, path: str, body: Callable[[str], dict[str, str]]) -> str:
        text = self._text(kind)
        self.model.begin(kind, text)
        key = {"Idempotency-Key": text}
        answer = self._until_answered(lambda: self.admin.post(path, body(text), key), 201)
        self.model.promise(kind, text, answer.data["id"])
        return str(answer.data["id"])

    def _until_answered(self, call: Callable[[], Answer], *wanted: int) -> Answer:
        """Ask until there is an answer other than `not now`; it has to be one of these."""
        deadline = time.monotonic() + 4 * PATIENCE
        while time.monotonic() < deadline:
            try:
                answer = call()
            except LOST:
                self.met["broke off"] += 1
            else:
                if answer.status in wanted:
                    return answer
                self.met[str(answer.status)] += 1
                if answer.status != 503:
                    raise AssertionError(f"{answer.status} {answer.body!r}")
            time.sleep(0.05)
        raise AssertionError("no answer comes")

    def _hear(self, say: Callable[[str], Hook]) -> Hook:
        """Something that a guest of a provider says."""
        text = self._text("heard")
        self.model.begin("heard", text)
        hook = say(text)
        if hook.answer != 200:
            self._deliver(hook)
        self.model.promise("heard", text)
        return hook

    def _deliver(self, hook: Hook) -> None:
        """Tell Jack, again if need be, until it is answered 200."""
        deliver, deadline = to_url(f"http://127.0.0.1:{self.server.port}"), time.monotonic() + 120
        while (answer := deliver(hook)) != 200:
            assert answer in (-1, 503), f"a webhook was answered {answer}: {hook.said!r}"
            assert time.monotonic() < deadline, "no webhook is taken"
            time.sleep(0.05)

    def _follow(self) -> None:
        """Read the events as the staff page does, and go on until nothing is left after the end."""
        cursor = 0
        while True:
            ended = self.all_done.is_set()
            try:
                answer = self.admin.get(f"/events?after={cursor}&limit=100")
            except LOST:
                answer = None
            if answer is not None and answer.status == 200:
                page = [(row["seq"], row["type"], row["subjectId"]) for row in answer.data]
                self.events += page
                cursor = answer.json()["meta"]["cursor"]
                if ended and not page:
                    return
            time.sleep(0.05)


def _form(name: str, content: bytes) -> tuple[bytes, dict[str, str]]:
    """A body of multipart/form-data with one file, and its header."""
    head = f'--{EDGE}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    body = head.encode() + content + f"\r\n--{EDGE}--\r\n".encode()
    return body, {"Content-Type": f"multipart/form-data; boundary={EDGE}"}


@contextmanager
def hotel(server: Server, model: Model, seed: int, **options: Any) -> Iterator[Traffic]:
    """Providers of WhatsApp and SMS, connected to a server that runs, and the traffic, not begun yet."""
    to_jack = to_url(f"http://127.0.0.1:{server.port}")
    with ExitStack() as stack:
        meta = stack.enter_context(MetaPeer(hook=to_jack, pair_burst=None))
        twilio = stack.enter_context(TwilioPeer(hook=to_jack, public_url=PUBLIC_URL))
        meta.received, twilio.received = Noted(model, meta), Noted(model, twilio)  # type: ignore[assignment]
        admin = server.sign_in()
        accounts = {"whatsapp": meta.settings(), "sms": twilio.sms_settings()}
        for channel, account in accounts.items():
            value = {"value": account | {"ratePerSecond": 200}}
            put = admin.put(f"/settings/channels.{channel}", value)
            assert put.status == 200, put.body
        traffic = Traffic(server, model, seed, meta, twilio, admin, **options)
        stack.callback(traffic.all_done.set)
        stack.callback(traffic.stopped.set)
        yield traffic
