"""The values of the known settings: their types, and their defaults."""

from __future__ import annotations

from typing import Literal, NotRequired, TypedDict

# JSON as it is stored.
Json = dict[str, "Json"] | list["Json"] | str | int | float | bool | None
JsonObject = dict[str, Json]


class HotelSetting(TypedDict):
    """The value of `hotel`."""

    name: str
    timeZone: str
    language: str
    country: str | None
    email: NotRequired[str | None]
    phone: NotRequired[str | None]
    address: NotRequired[str | None]
    website: NotRequired[str]


# Opening hours; `from` is no name that a class could have.
Span = TypedDict("Span", {"from": str, "to": str})


class WebChannelSetting(TypedDict):
    """The value of `channels.web`; `hours` by weekday, `monday` to `sunday`."""

    enabled: bool
    title: str | None
    greeting: str | None
    awayMessage: str | None
    hours: dict[str, list[Span]] | None
    colour: str | None
    sites: list[str]
    identitySecret: str | None


class SecuritySetting(TypedDict):
    """The value of `security`."""

    requireTotp: Literal["none", "admins", "everyone"]


class AuditSetting(TypedDict):
    """The value of `audit`."""

    days: int


class BackupsSetting(TypedDict):
    """The value of `backups`; `hour` is of the hotel's clock."""

    enabled: bool
    hour: int
    keepDays: int
    keepWeeks: int
    keepMonths: int


class PrivacySetting(TypedDict):
    """The value of `privacy`; None: nobody is erased by themselves."""

    eraseGuestsAfterMonths: int | None


class Department(TypedDict):
    """A department of the hotel."""

    slug: str
    name: str


class DepartmentsSetting(TypedDict):
    """The value of `departments`."""

    items: list[Department]


class Variable(TypedDict):
    """What a place in a template is filled with: `{name}`."""

    name: str
    value: str


class VariablesSetting(TypedDict):
    """The value of `variables`."""

    items: list[Variable]


DEFAULTS: dict[str, JsonObject] = {
    "hotel": {"name": "Our hotel", "timeZone": "UTC", "language": "en", "country": None},
    "departments": {
        "items": [
            {"slug": "front-desk", "name": "Front desk"},
            {"slug": "housekeeping", "name": "Housekeeping"},
            {"slug": "maintenance", "name": "Maintenance"},
            {"slug": "concierge", "name": "Concierge"},
            {"slug": "food-beverage", "name": "Food and beverage"},
            {"slug": "management", "name": "Management"},
        ]
    },
    "variables": {"items": []},
    "security": {"requireTotp": "none"},
    "audit": {"days": 365},
    "backups": {"enabled": True, "hour": 4, "keepDays": 7, "keepWeeks": 4, "keepMonths": 6},
    "push": {"content": False},
    "privacy": {"eraseGuestsAfterMonths": None},
    "channels.web": {
        "enabled": True,
        "title": None,
        "greeting": None,
        "awayMessage": None,
        "hours": None,
        "colour": None,
        "sites": [],
        "identitySecret": None,
    },
    "channels.whatsapp": {"enabled": False},
    "channels.sms": {"enabled": False},
    "channels.email": {"enabled": False},
}
