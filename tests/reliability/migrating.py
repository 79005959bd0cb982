"""An upgrade as a process of its own: `python -m tests.reliability.migrating FILE FOLDER-OF-MIGRATIONS`.

It begins when it is told so, by a line on its standard input.
"""

from __future__ import annotations

import sys
from pathlib import Path

from jack.core.db import Database
from jack.core.migrations import migrate


def main(path: Path, folder: Path) -> None:
    """Say `ready` when the file is open, then bring it up to date and say its version."""
    db = Database(path, deadline=30)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    sys.stdout.write(f"{migrate(db, folder=folder)}\n")
    db.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
