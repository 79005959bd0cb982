"""How long from asking Jack to send a message until the provider has it, when that answers at once."""

import json
import time
from statistics import median

from bench.client import request
from bench.report import Bar, Section
from bench.servers import Server
from bench.settings import MESSAGES, BenchError, say
from tests.peers.meta import MetaPeer

LONGEST = 1.0
PAUSE = 0.07  # between two messages, so that the worker is found in every state of its rest
PATIENCE = 10.0


def measure(server: Server, meta: MetaPeer) -> Section:
    """One message after another, each to another guest."""
    say(f"{MESSAGES} messages to a provider that answers at once ...")
    ids = conversations(server, MESSAGES)
    before = len(meta.received)
    asked = [ask(server, id, number) for number, id in enumerate(ids)]
    give_up = time.monotonic() + PATIENCE
    while len(meta.received) < before + len(asked):
        if time.monotonic() > give_up:
            raise BenchError(f"only {len(meta.received) - before} of {len(asked)} messages left")
        time.sleep(0.02)
    came = {sent.text: sent.at for sent in meta.received[before:]}
    return section(sorted(came[text] - at for text, at in asked))


def conversations(server: Server, count: int) -> list[str]:
    """So many WhatsApp conversations, round and round."""
    answer = request(server, "GET", "/api/v1/conversations?channel=whatsapp&limit=100")
    found = [one["id"] for one in answer.json["data"]]
    if not found:
        raise BenchError("there is no conversation")
    return [found[number % len(found)] for number in range(count)]


def ask(server: Server, conversation_id: str, number: int) -> tuple[str, float]:
    """The text of a message, and when it was asked for."""
    text, path = f"Respuesta {number}", f"/api/v1/conversations/{conversation_id}/messages"
    at = time.time()
    answer = request(server, "POST", path, json.dumps({"content": text}))
    if answer.status != 201:
        raise BenchError(f"a message was refused: {answer.status} {answer.body[:300]!r}")
    time.sleep(PAUSE)
    return text, at


def section(waits: list[float]) -> Section:
    """The figures."""
    lines = [
        f"From the request to the provider's having it, {len(waits)} messages, one every {PAUSE * 1000:.0f} ms or so: "
        f"median **{median(waits) * 1000:.0f} ms**, longest {waits[-1] * 1000:.0f} ms.",
    ]
    found = f"{waits[-1] * 1000:.0f} ms"
    bar = Bar("a message leaves the outbox", f"≤ {LONGEST:.0f} s", found, waits[-1] <= LONGEST)
    return Section("Outbox", lines, [bar])
