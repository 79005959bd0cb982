"""Phone numbers as staff type them."""

from __future__ import annotations

import re

from jack.core.errors import Invalid

WRITTEN = re.compile(r"\+?[0-9()./ \-]{3,40}")
MOST_DIGITS = 20


def normalised(text: str, country: str | None) -> str:
    """E.164 when the number is possible (`+15551234567`), else as written. Raises Invalid when it is no number at all.

    `country` (ISO 3166, two letters) reads numbers without a `+`. Possible, not valid: numbering plans change faster
    than any table of them, and a hotel must be able to write down what the guest says.
    """
    digits = digits_of(text)
    if not WRITTEN.fullmatch(text) or not 3 <= len(digits) <= MOST_DIGITS:
        raise Invalid.field(
            "phone", "not_a_phone_number", "Not a phone number such as +15551234567."
        )
    import phonenumbers  # here, because its tables cost every process 10 MB and most never parse a number

    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return text
    if not phonenumbers.is_possible_number(number):
        return text
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def digits_of(text: str) -> str:
    """Its digits alone."""
    return re.sub("[^0-9]", "", text)
