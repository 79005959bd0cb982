"""Separates what somebody has written in a mail from the mail they quote.

Hand-written rules for the mail programs guests really use. When in doubt everything is shown: a hidden reply is worse than a
shown quotation.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Split(NamedTuple):
    """A text in two: what was written now, and the quotation (empty when none was found)."""

    own: str
    quoted: str


# "On Tue, Ana <ana@guest.example> wrote:" in the words of Gmail, Apple Mail and Thunderbird, on up to three lines.
OPENS = re.compile(r"(On|El|Em|Le|Am|Il|Op|Den)\s")
WROTE = re.compile(r"\b(wrote|escribió|escreveu|a écrit|schrieb|ha scritto|schreef)\b")
ATTRIBUTION_LINES = 3

# The header block above the quoted mail in Outlook.
LABELS = re.compile(
    r"[*\s]*(From|De|Von|Da|Sent|Enviado(?: el| em)?|Gesendet|Envoyé|To|Para|An|À|"
    r"Subject|Asunto|Assunto|Betreff|Objet|Date|Fecha|Data|Datum)\s?:",
    re.IGNORECASE,
)
BLOCK_LINES, BLOCK_LABELS = 5, 3

RULE = re.compile(
    r"\s*(_{10,}|-{3,}\s*(Original Message|Mensaje original|Mensagem original|Message d'origine|"
    r"Message original|Ursprüngliche Nachricht|Messaggio originale|Oorspronkelijk bericht|"
    r"Forwarded message|Mensaje reenviado|Mensagem encaminhada)\s*-{3,})\s*",
    re.IGNORECASE,
)
SIGNATURE = "-- "


def split(text: str) -> Split:
    """What was written and what is quoted. A text that is only a quotation, or has replies inside one, is all `own`."""
    lines = text.split("\n")
    cut = next((n for n in range(len(lines)) if _quotation_starts(lines, n)), len(lines))
    if _has_inline_replies(lines[cut:]):
        return Split(text.strip("\n"), "")
    while cut and _is_quoted_or_blank(lines[cut - 1]):
        cut -= 1
    own, rest = "\n".join(lines[:cut]).strip("\n"), "\n".join(lines[cut:]).strip("\n")
    return Split(own, rest) if own.strip() else Split(text.strip("\n"), "")


def _quotation_starts(lines: list[str], n: int) -> bool:
    return (
        lines[n] == SIGNATURE
        or RULE.fullmatch(lines[n]) is not None
        or _is_header_block(lines[n : n + BLOCK_LINES])
        or _is_attribution(lines[n : n + ATTRIBUTION_LINES + 3])
    )


def _is_header_block(lines: list[str]) -> bool:
    """Three labels among five lines, the first of them a label: prose may well begin with "From:"."""
    found = [LABELS.match(line) is not None for line in lines]
    return found[:1] == [True] and sum(found) >= BLOCK_LABELS


def _is_attribution(lines: list[str]) -> bool:
    if not OPENS.match(lines[0]):
        return False
    for end in range(1, min(ATTRIBUTION_LINES, len(lines)) + 1):
        if not lines[end - 1].strip():
            return False  # an attribution is one paragraph
        joined = " ".join(lines[:end])
        if WROTE.search(joined) and joined.rstrip().endswith(":"):
            return "@" in joined or _quotes_follow(lines[end:])
    return False


def _quotes_follow(lines: list[str]) -> bool:
    return next((line for line in lines if line.strip()), "").startswith(">")


def _has_inline_replies(rest: list[str]) -> bool:
    """Whether something was written after or between the quoted lines that follow an attribution."""
    first = next((n for n, line in enumerate(rest) if line.startswith(">")), None)
    if first is None or not _is_attribution(rest[: ATTRIBUTION_LINES + 3]):
        return False
    after = rest[first:]
    end = after.index(SIGNATURE) if SIGNATURE in after else len(after)
    return any(line.strip() and not line.startswith(">") for line in after[:end])


def _is_quoted_or_blank(line: str) -> bool:
    return not line.strip() or line.startswith(">")
