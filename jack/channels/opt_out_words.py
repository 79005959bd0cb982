"""Words by which people say that they want no more SMS, or want them again: the whole message and nothing else.

English ones are the carriers' and Twilio's own; the others are what guests write who do not know those. A word that is also
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
AROUND = " .,;:!¡?¿\"'()“”«»*"


def wish(text: str) -> Consent | None:
    """What a whole message says about being written to, whatever its case, accents and punctuation around it."""
    return MEANING.get(folded(text).strip(AROUND)) if len(text) <= LONGEST else None
