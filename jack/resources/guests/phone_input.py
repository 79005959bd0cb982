"""Phone numbers as staff type them."""

from __future__ import annotations

import re

from jack.core.errors import Invalid

WRITTEN = re.compile(r"\+?[0-9()./ \-]{3,40}")
# The address of a link or a provider's, and what a switchboard is asked for. Neither is part of a number (E.164).
SCHEME = re.compile(r"^\s*(?:tel|sms|whatsapp):\s*", re.IGNORECASE)
EXTENSION = re.compile(r"\s*[,;]?\s*(?:extension|extn?|x|#)[.:=]?\s*[0-9]{1,7}\s*$", re.IGNORECASE)
MOST_DIGITS = 15  # of E.164


def normalised(text: str, country: str | None) -> str:
    """E.164 when the number is possible (`+15551234567`), else as written. Raises Invalid when it is no number at all.

    `country` (ISO 3166, two letters) reads numbers without a `+`; `00` is read as one. `tel:` and an extension are left out.
    Possible, not valid: numbering plans change faster than any table of them, and a hotel must be able to write down what the
    guest says.
    """
    bare = number_in(text)
    digits = digits_of(bare)
    if not WRITTEN.fullmatch(bare) or len(digits) < 3:
        raise _no_number()
    if digits.startswith("00") and not bare.startswith("+"):
        international = _possible(f"+{digits[2:]}", None)
        if international is not None:
            return international
    if len(digits) > MOST_DIGITS:
        raise _no_number()
    return _possible(bare, country) or bare


def number_in(text: str) -> str:
    """What is written of the number itself: without `tel:` before it and an extension after it."""
    return EXTENSION.sub("", SCHEME.sub("", text)).strip()


def _possible(text: str, country: str | None) -> str | None:
    """A number in E.164; None when it is not a possible one."""
    import phonenumbers  # here, because its tables cost every process 10 MB and most never parse a number

    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _no_number() -> Invalid:
    return Invalid.field("phone", "not_a_phone_number", "Not a phone number such as +15551234567.")


def digits_of(text: str) -> str:
    """Its digits alone."""
    return re.sub("[^0-9]", "", text)
