"""`bin/jack doctor`: checks of this installation, each with what to do when it fails."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from jack.operations.doctor import clock, machine, outside, processes, service, sockets, units
from jack.operations.doctor.findings import wrong
from jack.operations.installation import how_to_start

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from jack.core.config import Config
    from jack.operations.doctor.findings import Finding


def examine(config: Config, environment: Mapping[str, str]) -> Iterator[Finding]:
    """Every finding, in order. Changes nothing, and makes no database where there is none."""
    yield from machine.programs()
    yield from machine.settings(environment)
    yield from machine.disk(config)
    yield from machine.files(config)
    yield from machine.secret(config)
    yield from clock.now(config)
    yield from clock.synchronised()
    yield from units.units(config)
    if not config.database.exists():
        yield wrong(
            f"there is no database yet in {config.instance}: start Jack once ({how_to_start()})"
        )
        return
    if config.database.stat().st_uid == os.geteuid():  # opening makes files its owner could not use
        yield from service.stored(config)
    yield from service.worker_alive(config)
    yield from processes.running(config)
    yield from sockets.serving(config, environment)
    yield from sockets.for_the_proxy(environment)
    yield from service.addresses(config, environment)
    yield from outside.certificate(config)
