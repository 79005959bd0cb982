"""Days and times as they stand on the calendar and the clock of the hotel."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Unpack

from marshmallow import fields

from jack.http.field_errors import FieldError
from jack.http.fields import Text

if TYPE_CHECKING:
    from jack.http.fields import Data, FieldOptions

DAY_PATTERN = "^(19[7-9][0-9]|[2-8][0-9]{3}|9[0-8][0-9]{2}|99[0-8][0-9]|999[0-8])-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
TIME_PATTERN = "^([01][0-9]|2[0-3]):[0-5][0-9]$"


class Day(fields.String):
    """A day between 1970 and 9998, `YYYY-MM-DD`: of the hotel's time zone, as it stands on a calendar there."""

    def __init__(self, **kwargs: Unpack[FieldOptions]) -> None:
        kwargs["metadata"] = {
            "format": "date",
            "pattern": DAY_PATTERN,
            **kwargs.get("metadata", {}),
        }
        super().__init__(**kwargs)

    def _deserialize(self, value: object, attr: str | None, data: Data, **kwargs: object) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            if not re.fullmatch(DAY_PATTERN, text):
                raise ValueError
            return date.fromisoformat(text).isoformat()
        except ValueError:
            raise FieldError("not_a_time", "Not a day such as 2026-05-01.") from None


class TimeOfDay(Text):
    """A time of the hotel's clock: `15:30`."""

    def __init__(self, **kwargs: Unpack[FieldOptions]) -> None:
        super().__init__(5, min=5, line=True, **kwargs)
        pattern = f"^$|{TIME_PATTERN}" if self.empty_is_null else TIME_PATTERN
        self.metadata = {**self.metadata, "pattern": pattern}

    def _deserialize(self, value: object, attr: str | None, data: Data, **kwargs: object) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not re.fullmatch(TIME_PATTERN, text):
            raise FieldError("not_a_time", "Not a time such as 15:30.")
        return text
