"""Whose domain an address has: registrable domains by the public suffix list, and the domains everybody may have an address at."""

from __future__ import annotations

from functools import cache

import idna
from publicsuffixlist import PublicSuffixList

# Mail providers and internet providers that give addresses to anybody: two addresses there have nothing in common.
FREE_MAIL_NAMES = frozenset({  # under many top-level domains
    "aol", "btinternet", "fastmail", "freenet", "gmail", "gmx", "googlemail", "hotmail", "hushmail", "icloud", "laposte", "live", "msn",
    "naver", "outlook", "proton", "protonmail", "rambler", "rediffmail", "rocketmail", "seznam", "t-online", "tuta", "tutanota",
    "virginmedia", "wanadoo", "yahoo", "yandex", "ymail", "zohomail",
})  # fmt: skip
FREE_MAIL_DOMAINS = frozenset({
    "aim.com", "bellsouth.net", "bluewin.ch", "centrum.cz", "centrum.sk", "email.com", "email.cz", "email.it", "free.fr", "freemail.hu",
    "inbox.com", "inbox.lt", "inbox.lv", "inbox.ru", "interia.eu", "interia.pl", "libero.it", "mac.com", "mail.bg", "mail.com", "mail.de",
    "mail.ee", "mail.ru", "mailbox.org", "me.com", "neuf.fr", "onet.eu", "onet.pl", "op.pl", "orange.es", "orange.fr", "orange.net", "orange.pl",
    "pm.me", "posteo.de", "posteo.net", "qq.com", "sfr.fr", "sky.com", "terra.com", "terra.com.br", "terra.com.mx", "terra.es", "uol.com.br",
    "verizon.net", "virgilio.it", "web.de", "wp.pl", "ya.ru", "zoho.com", "zoho.eu", "zoho.in",
    "126.com", "139.com", "163.com", "21cn.com", "abv.bg", "alice.it", "arcor.de", "att.net", "azet.sk", "bigpond.com", "bk.ru", "bol.com.br",
    "charter.net", "comcast.net", "cox.net", "daum.net", "docomo.ne.jp", "duck.com", "earthlink.net", "ezweb.ne.jp", "foxmail.com",
    "globo.com", "hanmail.net", "hey.com", "home.nl", "ig.com.br", "internode.on.net", "juno.com", "kpnmail.nl", "list.ru", "mail2world.com",
    "mailfence.com", "nate.com", "netzero.net", "nifty.com", "ntlworld.com", "o2.pl", "online.no", "optonline.net", "optusnet.com.au",
    "planet.nl", "prodigy.net.mx", "rogers.com", "runbox.com", "sapo.pt", "sbcglobal.net", "shaw.ca", "sina.com", "softbank.ne.jp",
    "sohu.com", "startmail.com", "sympatico.ca", "talktalk.net", "telenet.be", "telia.com", "telus.net", "tim.it", "tin.it", "tiscali.it",
    "ukr.net", "vodafone.it", "volny.cz", "vk.com", "xtra.co.nz", "yeah.net", "ziggo.nl",
})  # fmt: skip


@cache
def _suffixes() -> PublicSuffixList:
    """The list that is in the package; nothing is fetched."""
    return PublicSuffixList()


def domain_of(address: str) -> str:
    """The domain of an address or a bare domain, in ASCII and lower case; empty when there is none."""
    domain = address.rpartition("@")[2].strip().strip(".").lower()
    try:
        return idna.encode(domain, uts46=True).decode() if not domain.isascii() else domain
    except idna.IDNAError:
        return domain


def registrable(address: str) -> str:
    """The part of its domain that somebody has registered: `hotel.co.uk` of `forms@www.hotel.co.uk`; empty when there is none."""
    return _suffixes().privatesuffix(domain_of(address)) or ""


def same_owner(address: str, other: str) -> bool:
    """Whether two addresses are at domains of one owner, and not only at the same mail provider."""
    owner = registrable(address)
    return bool(owner) and owner == registrable(other) and not is_free_mail(owner)


def is_free_mail(domain: str) -> bool:
    """Whether anybody may have an address at a registrable domain: `gmail.com`, `yahoo.co.jp`."""
    return domain in FREE_MAIL_DOMAINS or domain.partition(".")[0] in FREE_MAIL_NAMES
