"""An emoji as a field."""

from __future__ import annotations

import re
from collections.abc import Mapping

from jack.http.field_errors import FieldError
from jack.http.fields import Text

# An emoji begins with a sign, or is a key such as 1️⃣; joiners, colours of skin, other signs and tags (of flags) may follow.
_SIGNS = "\u00a9\u00ae\u203c-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
EMOJI = f"[#*0-9]\ufe0f?\u20e3|[{_SIGNS}][{_SIGNS}\u200d\ufe0f\U000e0020-\U000e007f]*"


class Emoji(Text):
    """One emoji, with what it is joined of: a sign, a flag, a key."""

    def __init__(self, *, required: bool, allow_none: bool) -> None:
        described = {"pattern": f"^({EMOJI})$", "description": "One emoji; null takes it back"}
        super().__init__(
            32, line=True, required=required, allow_none=allow_none, metadata=described
        )

    def _deserialize(
        self, value: object, attr: str | None, data: Mapping[str, object] | None, **kwargs: object
    ) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not re.fullmatch(EMOJI, text):
            raise FieldError("invalid", "Must be an emoji.")
        return text
