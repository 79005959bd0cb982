"""What is known of a message to a guest before it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.channels import text_split

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def outgoing_details(
    channel: str, content: str, template: Mapping[str, object] | None, files: Sequence[str]
) -> dict[str, object] | None:
    """The `details` of a message: its template, or how many SMS it costs; None where there is nothing to say."""
    if channel == "sms":
        return {"sms": {"segments": text_split.segments_paid(content, files=bool(files))}}
    return {"template": dict(template)} if template else None
