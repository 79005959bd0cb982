"""JSON values in the one form that those have which are the same, whatever the spacing and the order of the keys."""

from __future__ import annotations

import orjson


def canonical(value: object) -> bytes:
    """The JSON of a parsed value, keys sorted. `true` and `1`, and `1` and `1.0`, are not the same."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
