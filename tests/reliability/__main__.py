"""The bars in full: `python -m tests.reliability [kill outbox …]`, each word the name of a test file; `attack` is all that attacks.

`make attack` runs the last: what ends Jack at random moments, what keeps its door busy, what people could try on one another.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
TESTS = FOLDER.parent
ATTACKS = (
    "reliability/test_random_kills.py",
    "reliability/test_power_cut.py",
    "reliability/test_torn_copies.py",
    "reliability/test_kill.py",
    "reliability/test_outbox.py",
    "reliability/test_channels.py",
    "reliability/test_inbound.py",
    "reliability/test_upgrade.py",
    "reliability/test_limits.py",
    "reliability/test_sessions.py",
    "reliability/test_login_timing.py",
    "reliability/test_lost_files.py",
    "reliability/test_full_start.py",
    "reliability/test_giving_up.py",
    "reliability/test_lock.py",
    "operations/test_repair_schema.py",
    "system/test_front_door.py",
    "system/test_bodies.py",
    "messaging/test_webhook_refusals.py",
    "contract/test_second_factor.py",
    "contract/test_devices.py",
    "contract/test_departure.py",
    "http/test_rate_limits.py",
    "contract/test_auth_races.py",
    "contract/test_limits.py",
    "contract/test_webchat.py",
    "resources/webchat",
)


def main(words: list[str]) -> int:
    """Run the long versions of all tests, or of these; pytest's options pass through."""
    os.environ["JACK_LONG"] = "1"
    options = [word for word in words if word.startswith("-")]
    files = [file for word in words if not word.startswith("-") for file in named(word)]
    return int(pytest.main([*(files or [str(FOLDER)]), "-v", "--no-header", *options]))


def named(word: str) -> list[str]:
    """The files of a word."""
    if word == "attack":
        return [str(TESTS / file) for file in ATTACKS]
    return [str(FOLDER / f"test_{word}.py")]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
