"""Text whose lines the sender's program has broken, joined again (format=flowed, RFC 3676)."""

from __future__ import annotations

import re

QUOTED = re.compile(r">*")
SIGNATURE = "-- "


def joined(text: str, *, drop_space: bool = False) -> str:
    """The text with the lines that end in a blank joined to the next; `drop_space`: that blank is no part of the text."""
    lines: list[list[str]] = []
    open_depth = -1  # of the quotation of the line that goes on, or -1
    for line in text.split("\n"):
        depth = len(QUOTED.match(line)[0])  # type: ignore[index]  # it matches nothing too
        content = line[depth:].removeprefix(" ")
        signature = content == SIGNATURE
        goes_on = content.endswith(" ") and not signature
        if goes_on and drop_space:
            content = content[:-1]
        if depth == open_depth and content and not signature:
            lines[-1].append(content)
        else:
            lines.append([f"{'>' * depth} {content}" if depth else content])
        open_depth = depth if goes_on else -1
    return "\n".join(map("".join, lines))
