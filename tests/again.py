"""Which tests of the last run may be tried once more: `python -m tests.again CACHE` prints those that failed, a line each.

CACHE is the folder pytest kept its cache in (`-o cache_dir=`). Tests with a browser or a server of somebody else's in them and
those that measure depend on how busy the machine is, so CI tries them again, as Playwright's own runner does; where any other
test has failed, nothing is tried again: exit status 1.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

MAY = ("tests/browser/", "tests/system/", "tests/reliability/")


def failed(cache: Path) -> list[str]:
    """The ids of the tests that failed, in their order; none where pytest has kept nothing."""
    kept = cache / "v/cache/lastfailed"
    return sorted(json.loads(kept.read_text(encoding="utf-8"))) if kept.exists() else []


def main(cache: str) -> int:
    """Print them; the exit status."""
    found = failed(Path(cache))
    if not found or not all(one.startswith(MAY) and "::" in one for one in found):
        return 1
    print("\n".join(found))  # noqa: T201 (what it is called for)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
