"""Rules of text that the API, the channels and the command line share."""

from __future__ import annotations

import re

# NUL, other control characters than tab and line feed, and lone surrogates are refused or taken out:
# SQLite's functions stop at NUL and UTF-8 cannot carry surrogates.
FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII)
EMAIL = re.compile(r"[^\s@\"(),:;<>\[\]\\]{1,64}@[^\s@\"(),:;<>\[\]\\/?#%]{1,189}")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")
# The reference's examples were published with their addresses hidden like this, and its examples work as printed.
HIDDEN_EMAIL = "[email protected]"
