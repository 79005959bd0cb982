"""What the wheel depends on: exactly the versions of requirements.txt, which are those that Jack is tested with.

Called by hatchling (pyproject.toml). Their hashes cannot be said in a wheel.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface


class Dependencies(MetadataHookInterface):
    """The lock file as `project.dependencies`."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Each line that begins with a name is a package; indented ones are its hashes and who wants it."""
        lines = (Path(self.root) / "requirements.txt").read_text(encoding="utf-8").splitlines()
        named = [line for line in lines if line[:1].isalnum()]
        metadata["dependencies"] = [line.removesuffix("\\").strip() for line in named]
