"""Why a mail was returned or is late: a mail server's words and its RFC 3463 code as one of a few causes, in plain words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jack.channels.mail.message_ids import without_addresses

# What the staff read. The keys are the vocabulary of `cause` in a message's details.
WORDS = {
    "no_such_mailbox": "The mailbox does not exist.",
    "mailbox_full": "The mailbox is full.",
    "mailbox_disabled": "The mailbox is switched off.",
    "no_such_domain": "The domain of the address does not exist, or takes no mail.",
    "too_large": "The mail is too large for the mailbox.",
    "not_authenticated": "Their mail server could not verify that the mail is ours (SPF, DKIM, DMARC).",
    "spam": "Their mail server took the mail for spam.",
    "too_many": "Their mail server takes no more mail for now.",
    "content_refused": "Their mail server refuses what is in the mail.",
    "refused": "Their mail server refuses the mail.",
    "loop": "The mail went in circles between mail servers.",
    "not_reached": "Their mail server could not be reached.",
    "expired": "Their mail server did not take the mail in time.",
}
RETURNED = "The mail was returned."
LATE = "The mail is delayed on its way."

CODE = re.compile(r"(?<![\d.])[245]\.\d{1,3}\.\d{1,3}(?![\d.])")
REPLY = re.compile(r"(?<![\d.])[45]\d\d(?=[ -][^\d\s])")
LONGEST_SOUGHT = 4_000  # characters of a server's words

# Codes that name one cause (RFC 3463, and its registry at IANA). The first digit says whether it is for good.
BY_CODE = (
    ("no_such_mailbox", r"1\.[1346]|1\.10"),
    ("mailbox_full", r"2\.2"),
    ("mailbox_disabled", r"2\.1"),
    ("no_such_domain", r"1\.2|4\.4"),
    ("too_large", r"2\.3|3\.4"),
    ("not_authenticated", r"7\.2[0-9]|7\.5|7\.9"),
    ("loop", r"4\.6|4\.8"),
    ("not_reached", r"4\.[12]"),
    ("expired", r"4\.7"),
    ("content_refused", r"6\.[0-9]+"),
)
# Words of mail servers, for codes that name none.
BY_WORDS = (
    ("not_authenticated", r"\bspf\b|\bdkim\b|\bdmarc\b|unauthenticated (?:e?-?mail|message)"),
    ("mailbox_full", r"quota|mailbox (?:is |size )?(?:full|limit|exceed)|(?:inbox|mailfolder|mailbox|disk|storage) .{0,30}"
        r"(?:full|space)|(?:voll|überschritten|lleno|llena|pleine|piena|cheia|vol|переполнен|заполнен)\b"),
    ("too_large", r"too (?:large|big|long)|size (?:limit|exceed)|exceeds? .{0,40}size|(?:maximum|max) .{0,20}size"),
    ("mailbox_disabled", r"(?:account|mailbox|user|recipient|address) .{0,40}(?:disabled|inactive|suspended|deactivated|"
        r"discontinued|closed|blocked|not active|expired)|(?:disabled|inactive|suspended) (?:account|mailbox|user|recipient)"),
    ("no_such_domain", r"(?:host|domain|name|site)s?(?: name)? .{0,60}(?:not found|not exist|unknown|no such)|(?:host|domain) unknown|"
        r"unknown (?:host|domain)|nxdomain|no (?:mx|mail exchanger|such (?:host|domain))|unrouteable (?:mail )?(?:domain|address)|"
        r"couldn't find any host|bad (?:destination )?host|null mx|no route to (?:host|domain)|name service error|lookup fail"),
    ("no_such_mailbox", r"(?:user|mailbox|recipient|account|address|customer|mail drop|alias|addressee|inbox)s?\b.{0,80}(?:unknown|"
        r"not (?:found|exist|known|listed|valid|a valid|have an? |our|registered|recognized|here|subscribe)|does(?:n't| not) |"
        r"could not be found|wasn't found|cannot be found|invalid|unavailable|no longer|rejected|inexist|undeliverable)|"
        r"(?:unknown|invalid|no such|bad|illegal|inexistent|not? (?:a )?valid) .{0,30}(?:user|mailbox|recipient|account|address|name|person|alias|local)|"
        r"no mailbox|nobody (?:by|here)|(?:user|recipient)_?unknown|not a known user|delivery to .{0,80} failed permanently|"
        r"unbekannt|existiert nicht|no existe|n'existe pas|inconnu|non esiste|sconosciut|não existe|bestaat niet|onbekend|"
        r"не (?:найден|существует)|недоступен|存在しない|存在しません|不存在|没有找到|無此"),
    ("spam", r"spam|junk|black ?list|block ?list|\brbl\b|reputation|spamhaus|barracuda|suspicious|unsolicited|listed (?:at|in|by|on)"),
    ("content_refused", r"virus|malware|infected|content|attachment|banned (?:content|attachment|file|word)|urls? in"),
    ("too_many", r"too many|rate limit|throttl|try again later|temporarily deferred|greylist|grey-list|limit exceeded|too fast"),
    ("loop", r"loop|hop count|too many hops|circular"),
    ("expired", r"retry time(?:out)? |expired|time-?out|too long|\b(?:days?|hours?)\b.{0,60}(?:queue|retr)|giving up|timed out"),
    ("not_reached", r"connect|unreachable|refused to talk|no answer|not respond|not accepting|service unavailable|lost connection"),
    ("refused", r"refus|reject|denied|not (?:permitted|allowed|accept|authori)|polic|relay|block|access|forbidden|prohibit|disallow"),
)  # fmt: skip
_BY_CODE = tuple((cause, re.compile(rf"[245]\.(?:{codes})")) for cause, codes in BY_CODE)
_BY_WORDS = tuple(
    (cause, re.compile(words, re.IGNORECASE | re.DOTALL)) for cause, words in BY_WORDS
)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: `code` of RFC 3463 (empty when none was given), `cause` (a key of WORDS, or `other`), and the server's words."""

    code: str
    cause: str
    diagnosis: str

    def why_returned(self) -> str:
        """Why a mail came back, in plain words."""
        return WORDS.get(self.cause, RETURNED)

    def why_late(self) -> str:
        """Why a mail is late, in plain words. That time has run out is no reason while it is tried."""
        return LATE if self.cause == "expired" else WORDS.get(self.cause, LATE)

    def details(self) -> dict[str, object]:
        """What of it a message's details show, without empty fields."""
        known = {"code": self.code, "cause": self.cause, "diagnosis": self.diagnosis}
        return {name: value for name, value in known.items() if value}


def reason(status: str, words: str) -> Reason:
    """The reason in a mail server's words; `status` is the code of the report, if it has one. Addresses are left out."""
    words = " ".join(words[:LONGEST_SOUGHT].split())
    code = _code(status, words)
    return Reason(code, _cause(code, words), without_addresses(words))


def diagnosis_in(text: str) -> str:
    """Of a report that is only text, the lines that say why: the first with a code, and what follows it; else all of it."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    for number, line in enumerate(lines):
        if CODE.search(line) or REPLY.search(line):
            return " ".join(lines[number : number + 2])
    return " ".join(lines)


def _code(status: str, words: str) -> str:
    """The most telling code: that of the report, unless it ends in 0.0 and the server's words have a better one."""
    found = [match[0] for match in (CODE.search(status), CODE.search(words)) if match]
    return next((code for code in found if not code.endswith(".0.0")), found[0] if found else "")


def _cause(code: str, words: str) -> str:
    for cause, codes in _BY_CODE:
        if codes.fullmatch(code):
            return cause
    found = next((cause for cause, sought in _BY_WORDS if sought.search(words)), "other")
    if found == "other" and code[2:3] == "7":
        return "refused"
    return found
