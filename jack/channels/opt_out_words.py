"""Words that opt out of SMS, opt in again or ask for help, when they are the whole message.

The English ones are the carriers' and Twilio's own; the others are what guests write who do not know those. A word that is also
an ordinary answer in its language (`cancelar`, `annuler`) is not among them.
"""

from __future__ import annotations

from typing import Literal

from jack.core.fulltext import folded

Consent = Literal["stop", "start", "help"]

STOP = (
    *(
        "stop",
        "stopall",
        "stop all",
        "unsubscribe",
        "end",
        "quit",
        "cancel",
        "revoke",
        "optout",
        "opt out",
        "opt-out",
    ),
    *("alto", "baja", "darme de baja", "parar", "detener", "sair", "descadastrar"),
    *("arret", "arreter", "stopp", "stoppen", "abmelden", "stoppa"),
)
START = ("start", "yes", "unstop", "alta", "darme de alta")
HELP = ("help", "info", "ayuda", "ajuda", "aide", "hilfe", "aiuto")

MEANING: dict[str, Consent] = {
    **dict.fromkeys(STOP, "stop"),
    **dict.fromkeys(START, "start"),
    **dict.fromkeys(HELP, "help"),
}
LONGEST = max(map(len, MEANING)) + 20
PUNCTUATION = " .,;:!¡?¿\"'()“”«»*"


def consent(text: str) -> Consent | None:
    """The opt-out, opt-in or call for help a message is, whatever its case, accents and the punctuation around it."""
    return MEANING.get(folded(text).strip(PUNCTUATION)) if len(text) <= LONGEST else None
