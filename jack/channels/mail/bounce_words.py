"""What mail servers say of a mail that was returned, is late or has arrived, in the languages they say it in."""

from __future__ import annotations

import re


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.IGNORECASE)


# In the subject: the mail has come back.
RETURNED = _any(
    r"undeliver", r"undelivered", r"returned (?:e?-?mail|message|to sender)", r"returning (?:message|mail)", r"fail(?:ed|ure)\b",
    r"delivery (?:status|notification|report|problem|error)", r"not (?:be )?delivered", r"non-?delivery", r"could(?:n't| not) (?:be )?(?:deliver|send)",
    r"unzustellbar", r"nicht zugestellt", r"zustellung.{0,40}(?:fehl|nicht)", r"unzustellbarkeit",
    r"no (?:se )?(?:ha )?(?:podido )?entreg", r"no se puede entregar", r"devuelto", r"non (?:remis|distribu)", r"échec", r"retourné",
    r"mancata (?:consegna|recapito)", r"non recapitabil", r"impossibile (?:recapitare|consegnare)", r"não (?:foi )?(?:entreg|possível)", r"devolvid",
    r"onbestelbaar", r"niet (?:bezorgd|afgeleverd)", r"kunde inte", r"olevererbart", r"ikke (?:leveres|leveret|levert)", r"toimitta",
    r"nie (?:można|dostarczono|zostało|został)", r"niedostarcz", r"zwrot", r"nelze doručit", r"nedoručiteln", r"kézbesít",
    r"teslim edile", r"не(?:возможно)? ?достав", r"недостав", r"возвра", r"αδύνατη", r"配信不能", r"配信できません", r"送信できません",
    r"エラー", r"退信", r"无法(?:投递|送达)", r"無法(?:投遞|傳送)", r"배달되지", r"반송",
)  # fmt: skip

# In the subject or the text: it is on its way still.
DELAYED = _any(
    r"message (?:\S+ )?(?:has been |is )?delayed", r"delivery (?:has been |is )?delayed", r"delayed (?:mail|message|delivery|\d)", r"\(delay(?:ed)?\)",
    r"delivery (?:status notification:? ?\(?)?delay", r"warning: (?:message|could not send)", r"not yet (?:been )?delivered", r"has not been delivered yet",
    r"(?:will|shall) (?:keep|continue|go on|be) (?:\w+ )?(?:to )?(?:try|retr|attempt)", r"still (?:being )?(?:try|tri|retr|attempt)",
    r"(?:do(?:es)? not|don't|need not|no) need to (?:re-?send|do)", r"this is (?:only )?a warning", r"warning message only",
    r"delivery attempts will continue", r"verzöger", r"weiterhin versuch", r"weitere zustellversuche", r"retrasad", r"demorad", r"se seguirá intentando",
    r"retardé", r"différé", r"nouvelles? tentatives?", r"ritardat", r"in ritardo", r"atrasad", r"vertraagd", r"försenad", r"forsinket",
    r"opóźnion", r"zpožděn", r"задерж", r"отложен", r"遅延", r"遅れて", r"延迟", r"延遲", r"지연",
)  # fmt: skip

# In the text: nothing will be tried any more.
FINAL = _any(
    r"giv(?:e|en|ing) up", r"gave up", r"permanent(?:ly)? (?:error|fail|fatal)", r"failed permanently", r"fatal errors?", r"retry time(?:out)? (?:not|exceeded)",
    r"could not be delivered (?:for|within|in) ", r"will not (?:be )?(?:retri|try|attempt)", r"no (?:further|more) (?:attempts|delivery attempts)",
    r"(?:has|have) expired", r"undeliverable", r"returned to (?:the )?sender", r"endgültig", r"definitiv", r"окончательн",
)  # fmt: skip

# In the subject: it has arrived.
DELIVERED = _any(
    r"success(?:ful|fully)?\b", r"\brelay(?:ed)?\b", r"^delivered:", r"delivery receipt", r"^read:", r"return receipt", r"erfolgreich",
)  # fmt: skip
