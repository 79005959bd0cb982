"""Every route of the API: how to make a valid request of it, who may, and what comes back.

The sweeps run over this table, and `test_table.py` holds it against the routes the app really has: a new route without
a row fails. Who may do what is written down here a second time, from the contract and not from the code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import marshmallow as ma

from jack.http.envelope import ListMeta
from jack.http.schema import Deleted
from jack.resources.api_keys import schemas as api_keys
from jack.resources.attachments import schemas as attachments
from jack.resources.audit import schemas as audit
from jack.resources.auth import schemas as auth
from jack.resources.auth.second_factor import schemas as factor
from jack.resources.channel_accounts import schemas as accounts
from jack.resources.conversations import schemas as conversations
from jack.resources.events import schemas as events
from jack.resources.guests import schemas as guests
from jack.resources.knowledge import schemas as knowledge
from jack.resources.settings import schemas as settings
from jack.resources.staff import schemas as staff
from jack.resources.tasks import schemas as tasks
from jack.resources.webchat import schemas as webchat
from tests.sweeps.hotel import PASSWORD, PICTURE, Hotel

PUBLIC, VISITOR, STAFF, MANAGER, ADMIN = "public", "visitor", "staff", "manager", "admin"
ONE, LIST, SERIES, WALK, FILE = "one", "list", "series", "walk", "file"
BODY = b"\r\n".join(
    (
        b"--parted",
        b'Content-Disposition: form-data; name="file"; filename="view.png"',
        b"",
        PICTURE,
        b"--parted--",
        b"",
    )
)


@dataclass(frozen=True)
class Route:
    """A method and a path of the app's."""

    method: str
    rule: str
    least: str
    answers: type[ma.Schema] | None
    status: int = 200
    shape: str = ONE
    meta: type[ma.Schema] | None = None
    takes: type[ma.Schema] | None = None
    body: Callable[[Hotel], dict[str, Any]] | None = None
    sends: bool = False  # a file
    asks: type[ma.Schema] | None = None
    path: Callable[[Hotel], dict[str, str]] = lambda hotel: {}
    who: str = ""
    secret: bool = False
    bulk: bool = False
    staffed: bool = True
    keeps_session: bool = True  # others of the same person's, too

    @property
    def name(self) -> str:
        return f"{self.method} {self.rule}"

    @property
    def asker(self) -> str:
        """Somebody who may."""
        return self.who or {PUBLIC: "anonymous"}.get(self.least, self.least)

    def url(self, hotel: Hotel, **path: str) -> str:
        """The path of a valid request, or one with something else in it."""
        rule, found = self.rule, {**self.path(hotel), **path}
        for name in self.variables():
            rule = rule.replace(f"<{name}>", found.get(name) or getattr(hotel, name))
        return rule

    def variables(self) -> list[str]:
        """What stands in the path between angle brackets."""
        return [part[1:-1] for part in self.rule.split("/") if part.startswith("<")]

    def request(self, hotel: Hotel) -> dict[str, Any]:
        """The valid body, as the test client takes it."""
        if self.sends:
            return {"data": BODY, "content_type": "multipart/form-data; boundary=parted"}
        return {} if self.body is None else {"json": self.body(hotel)}


def _message_id(hotel: Hotel) -> dict[str, Any]:
    return {"content": "Hola", "clientMessageId": f"sweep-{next(hotel.numbers)}"}


def _proof() -> str:
    return hashlib.sha256(b"a proof of nothing").hexdigest()


CONVERSATIONS = (
    Route(
        "GET",
        "/conversations",
        STAFF,
        conversations.Conversation,
        shape=LIST,
        asks=conversations.ConversationFilters,
    ),
    Route(
        "POST",
        "/conversations",
        STAFF,
        conversations.Conversation,
        201,
        takes=conversations.ConversationCreate,
        body=lambda hotel: {"guestId": hotel.chat_guest_id, "channel": "web", "content": "Hola"},
    ),
    Route("GET", "/conversations/counts", STAFF, conversations.Counts),
    Route("GET", "/conversations/<conversation_id>", STAFF, conversations.Conversation),
    Route(
        "PATCH",
        "/conversations/<conversation_id>",
        STAFF,
        conversations.Conversation,
        takes=conversations.ConversationPatch,
        body=lambda hotel: {"status": "open", "assignee": hotel.staff_id, "subject": "Towels"},
    ),
    Route("POST", "/conversations/<conversation_id>/read", STAFF, conversations.Conversation),
    Route(
        "GET",
        "/conversations/<conversation_id>/messages",
        STAFF,
        conversations.Message,
        shape=LIST,
        asks=conversations.MessageFilters,
    ),
    Route(
        "POST",
        "/conversations/<conversation_id>/messages",
        STAFF,
        conversations.Message,
        201,
        takes=conversations.MessageCreate,
        body=lambda hotel: {"content": "Hello!", "type": "text"},
    ),
    Route(
        "GET",
        "/messages",
        STAFF,
        conversations.Message,
        shape=WALK,
        meta=ListMeta,
        asks=conversations.AllMessageFilters,
    ),
    Route(
        "POST",
        "/messages/<message_id>/resend",
        STAFF,
        conversations.Message,
        path=lambda hotel: hotel.failed_message(),
    ),
    Route(
        "PATCH",
        "/conversations/bulk",
        MANAGER,
        conversations.Conversation,
        shape=SERIES,
        bulk=True,
        takes=conversations.ConversationBulk,
        body=lambda hotel: {
            "ids": [hotel.conversation_id, "conv-none"],
            "changes": {"status": "open"},
        },
    ),
)

GUESTS = (
    Route("GET", "/guests", STAFF, guests.Guest, shape=LIST, asks=guests.GuestFilters),
    Route(
        "POST",
        "/guests",
        STAFF,
        guests.Guest,
        201,
        takes=guests.GuestCreate,
        body=lambda hotel: {
            "name": "John Smith",
            "email": hotel.email(),
            "phone": None,
            "tags": ["vip"],
            "notes": "",
            "language": "es-MX",
        },
    ),
    Route("GET", "/guests/<guest_id>", STAFF, guests.Guest),
    Route(
        "PATCH",
        "/guests/<guest_id>",
        STAFF,
        guests.Guest,
        takes=guests.GuestPatch,
        body=lambda hotel: {"tags": ["vip", "returning"], "notes": "Prefers quiet room"},
    ),
    Route(
        "DELETE",
        "/guests/<guest_id>",
        ADMIN,
        Deleted,
        path=lambda hotel: {"guest_id": hotel.guest()},
    ),
    Route(
        "POST",
        "/guests/bulk",
        MANAGER,
        guests.Guest,
        shape=SERIES,
        bulk=True,
        takes=guests.GuestBulk,
        body=lambda hotel: {"items": [{"name": "One"}, {"name": ""}]},
    ),
)

MERGES = (
    Route(
        "GET",
        "/guests/<guest_id>/duplicates",
        STAFF,
        guests.Duplicate,
        shape=SERIES,
        meta=guests.DuplicateMeta,
        path=lambda hotel: {"guest_id": hotel.double()[0]},
    ),
    Route(
        "POST",
        "/guests/<guest_id>/merge",
        MANAGER,
        guests.Merge,
        takes=guests.GuestMerge,
        path=lambda hotel: {"guest_id": hotel.guest()},
        body=lambda hotel: {"guestId": hotel.guest()},
    ),
    Route(
        "POST",
        "/guests/<guest_id>/merges/<merge_id>/undo",
        MANAGER,
        guests.Unmerged,
        path=lambda hotel: hotel.merged(),
    ),
)

ATTACHMENTS = (
    Route("POST", "/attachments", STAFF, attachments.Attachment, 201, sends=True),
    Route("GET", "/attachments/<attachment_id>", STAFF, None, shape=FILE),
    Route("GET", "/webchat/attachments/<attachment_id>", VISITOR, None, shape=FILE),
)

TASKS = (
    Route("GET", "/tasks", STAFF, tasks.Task, shape=LIST, asks=tasks.TaskFilters),
    Route(
        "POST",
        "/tasks",
        STAFF,
        tasks.Task,
        201,
        takes=tasks.TaskCreate,
        body=lambda hotel: {
            "title": "Extra towels for room 302",
            "department": "housekeeping",
            "guestId": hotel.guest_id,
            "conversationId": hotel.conversation_id,
            "assignee": hotel.staff_id,
            "dueAt": "2026-05-01T15:00:00Z",
        },
    ),
    Route("GET", "/tasks/<task_id>", STAFF, tasks.Task),
    Route(
        "PATCH",
        "/tasks/<task_id>",
        STAFF,
        tasks.Task,
        takes=tasks.TaskPatch,
        body=lambda hotel: {"status": "completed", "notes": "Delivered at 3:45 PM"},
    ),
    Route(
        "POST",
        "/tasks/bulk",
        MANAGER,
        tasks.Task,
        shape=SERIES,
        bulk=True,
        takes=tasks.TaskBulk,
        body=lambda hotel: {
            "items": [{"title": "One", "department": "maintenance"}, {"title": "Two"}]
        },
    ),
    Route(
        "PATCH",
        "/tasks/bulk",
        MANAGER,
        tasks.Task,
        shape=SERIES,
        bulk=True,
        takes=tasks.TaskBulkPatch,
        body=lambda hotel: {"ids": [hotel.task_id, "task-none"], "changes": {"status": "open"}},
    ),
)

KNOWLEDGE = (
    Route("GET", "/knowledge", STAFF, knowledge.Entry, shape=LIST, asks=knowledge.EntryFilters),
    Route(
        "POST",
        "/knowledge",
        MANAGER,
        knowledge.Entry,
        201,
        takes=knowledge.EntryCreate,
        body=lambda hotel: {
            "title": "Pool Hours",
            "content": "The pool is open daily from 6 AM to 10 PM...",
            "category": "amenity",
        },
    ),
    Route("GET", "/knowledge/<entry_id>", STAFF, knowledge.Entry),
    Route(
        "PUT",
        "/knowledge/<entry_id>",
        MANAGER,
        knowledge.Entry,
        takes=knowledge.EntryPatch,
        body=lambda hotel: {"title": "Pool Hours (Updated)", "content": "From 7 AM to 9 PM."},
    ),
    Route(
        "DELETE",
        "/knowledge/<entry_id>",
        MANAGER,
        Deleted,
        path=lambda hotel: {"entry_id": hotel.entry()},
    ),
    Route(
        "POST",
        "/knowledge/bulk",
        MANAGER,
        knowledge.Entry,
        shape=SERIES,
        bulk=True,
        takes=knowledge.EntryBulk,
        body=lambda hotel: {
            "items": [{"title": "One", "content": "Two", "category": "faq"}, {"category": "faq"}]
        },
    ),
)

PEOPLE = (
    Route("GET", "/staff", STAFF, staff.Member, shape=LIST, asks=staff.MemberFilters),
    Route(
        "POST",
        "/staff",
        ADMIN,
        staff.InvitedMember,
        201,
        secret=True,
        takes=staff.MemberCreate,
        body=lambda hotel: {
            "name": "Jane Doe",
            "email": hotel.email(),
            "role": "staff",
            "department": "front-desk",
        },
    ),
    Route("GET", "/staff/<staff_id>", STAFF, staff.Member),
    Route(
        "PATCH",
        "/staff/<staff_id>",
        ADMIN,
        staff.Member,
        takes=staff.MemberPatch,
        body=lambda hotel: {"name": "Jane Roe", "active": True},
    ),
    Route("DELETE", "/staff/<staff_id>/totp", ADMIN, staff.Member),
    Route("POST", "/staff/<staff_id>/invite", ADMIN, staff.Invite, 201, secret=True),
)

SETTINGS = (
    Route("GET", "/settings", STAFF, settings.Setting, shape=LIST, asks=settings.SettingFilters),
    Route("GET", "/settings/<key>", STAFF, settings.Setting),
    Route(
        "PUT",
        "/settings/<key>",
        ADMIN,
        settings.Setting,
        takes=settings.SettingPut,
        body=lambda hotel: {"value": {"name": "Hotel Sol", "timeZone": "Europe/Madrid"}},
    ),
)

AUTH = (
    Route(
        "POST",
        "/auth/login",
        PUBLIC,
        auth.Session,
        secret=True,
        takes=auth.Login,
        body=lambda hotel: {"email": hotel.without_totp(), "password": PASSWORD},
    ),
    Route("GET", "/auth/sessions", STAFF, auth.Device, shape=LIST, asks=auth.SessionFilters),
    Route("DELETE", "/auth/sessions/<session_id>", STAFF, auth.SignedOut),
    Route("GET", "/auth/totp", STAFF, factor.SecondFactor),
    Route(
        "POST",
        "/auth/totp",
        STAFF,
        factor.PendingTotp,
        secret=True,
        path=lambda hotel: {"nobody": hotel.without_totp()},
    ),
    Route(
        "POST",
        "/auth/totp/confirm",
        STAFF,
        factor.RecoveryCodes,
        secret=True,
        keeps_session=False,
        takes=factor.TotpConfirmation,
        body=lambda hotel: {"totp": hotel.with_totp(confirmed=False)},
    ),
    Route(
        "DELETE",
        "/auth/totp",
        STAFF,
        factor.SecondFactor,
        keeps_session=False,
        takes=factor.TotpRemoval,
        body=lambda hotel: {"password": PASSWORD, "totp": hotel.with_totp(confirmed=True)},
    ),
    Route("POST", "/auth/refresh", STAFF, auth.Session, secret=True, keeps_session=False),
    Route("POST", "/auth/logout", STAFF, auth.SignedOut, keeps_session=False),
    Route("POST", "/auth/logout-everywhere", STAFF, auth.SignedOut, keeps_session=False),
    Route("GET", "/auth/me", STAFF, auth.CurrentUser),
    Route(
        "PUT",
        "/auth/password",
        STAFF,
        auth.PasswordChanged,
        takes=auth.PasswordChange,
        keeps_session=False,
        body=lambda hotel: {"currentPassword": PASSWORD, "newPassword": PASSWORD},
    ),
    Route(
        "POST",
        "/auth/forgotten-password",
        PUBLIC,
        auth.PasswordResetRequested,
        202,
        takes=auth.ForgottenPassword,
        body=lambda hotel: {"email": hotel.email()},
    ),
    Route(
        "POST",
        "/auth/accept-invite",
        PUBLIC,
        auth.Session,
        secret=True,
        takes=auth.AcceptInvite,
        body=lambda hotel: {"token": hotel.invitation(), "password": PASSWORD},
    ),
    Route(
        "POST",
        "/auth/setup",
        PUBLIC,
        auth.Session,
        201,
        secret=True,
        staffed=False,
        takes=auth.Setup,
        body=lambda hotel: {
            "token": hotel.setup_token(),
            "name": "Ada",
            "email": hotel.email(),
            "password": PASSWORD,
        },
    ),
)

REST = (
    Route(
        "GET",
        "/events",
        STAFF,
        events.Event,
        shape=SERIES,
        meta=events.EventMeta,
        asks=events.EventFilters,
    ),
    Route(
        "GET",
        "/audit",
        ADMIN,
        audit.AuditEntry,
        shape=LIST,
        meta=audit.AuditMeta,
        asks=audit.AuditFilters,
    ),
    Route(
        "POST",
        "/webchat/sessions",
        PUBLIC,
        webchat.Session,
        201,
        secret=True,
        takes=webchat.SessionCreate,
        body=lambda hotel: {
            "name": "Vera",
            "email": hotel.email(),
            "language": "en",
            "emailProof": _proof(),
        },
    ),
    Route(
        "POST",
        "/webchat/messages",
        VISITOR,
        webchat.VisitorMessage,
        201,
        takes=webchat.VisitorMessageCreate,
        body=_message_id,
    ),
    Route(
        "GET",
        "/webchat/messages",
        VISITOR,
        webchat.VisitorMessage,
        shape=SERIES,
        meta=webchat.VisitorMeta,
        asks=webchat.VisitorFilters,
    ),
    Route(
        "POST",
        "/webchat/read",
        VISITOR,
        webchat.VisitorReadAnswer,
        takes=webchat.VisitorRead,
        body=lambda hotel: {"cursor": 0},
    ),
)

KEYS = (
    Route("GET", "/api-keys", ADMIN, api_keys.ApiKey, shape=LIST, asks=api_keys.KeyFilters),
    Route(
        "POST",
        "/api-keys",
        ADMIN,
        api_keys.NewApiKey,
        201,
        secret=True,
        takes=api_keys.KeyCreate,
        body=lambda hotel: {
            "name": "Property management system",
            "scopes": ["guests:write", "events:read"],
            "expiresAt": "2098-12-31T23:00:00Z",
            "rateLimit": 600,
            "rateLimitBulk": 60,
        },
    ),
    Route("GET", "/api-keys/<key_id>", ADMIN, api_keys.ApiKey),
    Route(
        "PATCH",
        "/api-keys/<key_id>",
        ADMIN,
        api_keys.ApiKey,
        takes=api_keys.KeyPatch,
        body=lambda hotel: {
            "name": "Door locks",
            "scopes": ["stays:read"],
            "expiresAt": None,
            "rateLimit": 10,
            "rateLimitBulk": 1,
        },
    ),
    Route(
        "POST",
        "/api-keys/<key_id>/rotate",
        ADMIN,
        api_keys.NewApiKey,
        secret=True,
        takes=api_keys.KeyRotation,
        body=lambda hotel: {"graceHours": 24},
    ),
    Route(
        "POST",
        "/api-keys/<key_id>/revoke",
        ADMIN,
        api_keys.ApiKey,
        path=lambda hotel: {"key_id": hotel.api_key()["id"]},
    ),
)

CHANNELS = (
    Route(
        "GET",
        "/channels",
        STAFF,
        accounts.ChannelAccount,
        shape=LIST,
        asks=accounts.ChannelFilters,
    ),
    Route("POST", "/channels/<channel>/test", ADMIN, accounts.ChannelTestBegun, 202),
    Route("GET", "/channels/<channel>/test/<test_id>", ADMIN, accounts.ChannelTest),
)

ROUTES = (
    *KEYS,
    *CHANNELS,
    *CONVERSATIONS,
    *GUESTS,
    *MERGES,
    *ATTACHMENTS,
    *TASKS,
    *KNOWLEDGE,
    *PEOPLE,
    *SETTINGS,
    *AUTH,
    *REST,
)
BY_NAME = {route.name: route for route in ROUTES}

# Not JSON in the envelope, or not below /api/v1: described and tested as what they are.
PAGES = {
    "/",
    "/setup",
    "/invite",
    "/chat",
    "/chat/<version>/<colour>.css",
    "/widget",
    "/widget.js",
    "/static/<version>/<path:name>",
    "/favicon.ico",
    "/favicon.svg",
    "/robots.txt",
    "/manifest.webmanifest",
    "/healthz",
    "/readyz",
    "/webhooks/whatsapp",
    "/webhooks/twilio/sms",
    "/webhooks/twilio/whatsapp",
    "/webhooks/twilio/status",
    "/files/<attachment_id>",
}
DOCUMENTS = {"/api/v1/openapi.json", "/api/v1/docs", "/api/v1/docs/<version>/<name>"}
