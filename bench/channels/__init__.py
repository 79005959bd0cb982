"""What the channels can take: webhooks in, messages out, and a long queue at a slow provider.

The provider is the stand-in of the tests, in this process, on the same cores as Jack.
"""

import json
from contextlib import ExitStack
from pathlib import Path

from bench import jack_up
from bench.channels import drain, inbound, latency
from bench.client import request
from bench.report import Section
from bench.servers import Server
from bench.settings import BenchError
from tests.peers.hooks import to_url
from tests.peers.meta import MetaPeer


def measure(folder: Path) -> list[Section]:
    """One hotel with WhatsApp, and the three measurements one after another."""
    instance = folder / "channels"
    with ExitStack() as running:
        server = jack_up.start(folder, instance, running)
        meta = MetaPeer(to_url(server.url), trusting=True, pair_burst=None)
        running.enter_context(meta)
        connect(server, meta, rate=200)
        found = [inbound.measure(server, meta, folder), latency.measure(server, meta)]
        connect(server, meta, rate=drain.RATE)
        return [*found, drain.measure(server, meta, instance)]


def connect(server: Server, meta: MetaPeer, rate: int) -> None:
    """Put the peer's account into the settings."""
    body = json.dumps({"value": meta.settings() | {"ratePerSecond": rate}})
    answer = request(server, "PUT", "/api/v1/settings/channels.whatsapp", body)
    if answer.status != 200:
        raise BenchError(f"the account was refused: {answer.status} {answer.body[:300]!r}")
