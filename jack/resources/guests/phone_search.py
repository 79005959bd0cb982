"""The digits a typed telephone number may have in a profile: numbers are stored in E.164, and typed as people see and say them."""

from __future__ import annotations

import re

from jack.core import fulltext
from jack.resources.guests import phone_input

WRITTEN = re.compile(r"[+()./\s0-9\-]+")
TRUNK = re.compile(r"\(0\)")  # +44 (0) 7700 900123
LONG = 10  # digits, from which on a number without a + may be an international one
NATIONAL = 6  # digits that a national number has without its trunk prefix, or more
# What some countries dial before a national number, besides 0: Hungary, Mexico (long distance, and to mobile numbers).
TRUNK_PREFIXES = ("06", "01", "044", "045")
# Countries whose mobile numbers have a digit after the country's that is left out as often as not: Mexico, Argentina.
SOMETIMES = {"52": "1", "54": "9"}


def spellings(search: str) -> list[str]:
    """The digits to look for, as they are typed first; empty when a search is no number of three digits and more.

    `00` and `tel:` go, as do a trunk prefix (`07700 900123`, `8 912 …`) and `(0)`; WhatsApp's Mexican 1, Argentine 9 and Brazilian 9 may be
    there or not.
    """
    written = phone_input.number_in(fulltext.folded(search))
    digits = phone_input.digits_of(written)
    if not WRITTEN.fullmatch(written) or len(digits) < 3:
        return []
    typed = [digits, phone_input.digits_of(TRUNK.sub("", written))]
    typed += [other for one in typed for other in _without_prefix(one)]
    if written.startswith(("+", "00")) or len(digits) >= LONG:
        typed += [other for one in typed for other in _mobile(one)]
    return [one for one in dict.fromkeys(typed) if len(one) > 2]


def _without_prefix(digits: str) -> list[str]:
    """The number without what is dialled before it, from abroad or at home."""
    if digits.startswith("00"):
        return [digits[2:]]
    if len(digits) == 11 and digits.startswith("8"):  # Russia, Kazakhstan
        return ["7" + digits[1:]]
    prefixes = [one for one in ("0", *TRUNK_PREFIXES) if digits.startswith(one)]
    return [digits[len(one) :] for one in prefixes if len(digits) - len(one) >= NATIONAL]


def _mobile(digits: str) -> list[str]:
    """A mobile number with the digit that says so, or without it."""
    country, rest = digits[:2], digits[2:]
    sign = SOMETIMES.get(country)
    if sign:
        return [country + (rest.removeprefix(sign) if rest.startswith(sign) else sign + rest)]
    if country == "55" and len(digits) == 12 and digits[4] in "6789":
        return [f"{digits[:4]}9{digits[4:]}"]
    if country == "55" and len(digits) == 13 and digits[4] == "9":
        return [digits[:4] + digits[5:]]
    return []
