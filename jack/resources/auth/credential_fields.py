"""The fields of what somebody proves with who they are."""

from __future__ import annotations

from collections.abc import Mapping

from jack.http.field_errors import FieldError
from jack.http.fields import Text
from jack.resources.auth.passwords import MAX

# Blanks, then something visible, then anything; and no line break anywhere.
PASSWORD_PATTERN = r"^[^\S\x0a-\x1f\x85]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x08\x0a-\x1f\x7f-\x9f]*$"


class Password(Text):
    """A password, character for character as it was typed, on one line."""

    def __init__(self, *, min: int = 1) -> None:
        metadata = {"format": "password", "pattern": PASSWORD_PATTERN}
        super().__init__(MAX, min=min, required=True, metadata=metadata)

    def _deserialize(
        self, value: object, attr: str | None, data: Mapping[str, object] | None, **kwargs: object
    ) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if "\n" in text:
            raise FieldError("not_one_line", "Must be a single line.")
        return text


class Code(Text):
    """A code of the second factor: six digits of the app, or a recovery code. Blanks and hyphens do not matter."""

    def __init__(self, *, required: bool = False) -> None:
        super().__init__(64, required=required, line=True)
