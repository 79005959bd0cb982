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

from jack.http import link_fields
from jack.http.envelope import ListMeta
from jack.http.schema import Deleted
from jack.resources.api_keys import schemas as api_keys
from jack.resources.attachments import schemas as attachments
from jack.resources.audit import schemas as audit
from jack.resources.auth import schemas as auth
from jack.resources.auth.second_factor import schemas as factor
from jack.resources.automations import schemas as automations
from jack.resources.backups import schemas as backups
from jack.resources.channel_accounts import schemas as accounts
from jack.resources.conversations import message_filters, message_input, message_parts
from jack.resources.conversations import schemas as conversations
from jack.resources.events import schemas as events
from jack.resources.exports import schemas as exports
from jack.resources.exports.rows import FOR_ADMINS
from jack.resources.exports.shapes import QUERIES
from jack.resources.guests import schemas as guests
from jack.resources.handover import schemas as handover
from jack.resources.imports import schemas as imports
from jack.resources.knowledge import schemas as knowledge
from jack.resources.privacy import schemas as privacy
from jack.resources.push import schemas as push
from jack.resources.reports import schemas as reports
from jack.resources.settings import schemas as settings
from jack.resources.staff import schemas as staff
from jack.resources.stay_feeds import schemas as stay_feeds
from jack.resources.stays import schemas as stays
from jack.resources.tasks import schemas as tasks
from jack.resources.templates import schemas as templates
from jack.resources.watchdog import schemas as watchdog
from jack.resources.webchat import schemas as webchat
from jack.resources.webhooks import schemas as webhooks
from tests.device import Device
from tests.sweeps.hotel import PASSWORD, PICTURE, Hotel

PUBLIC, VISITOR, STAFF, MANAGER, ADMIN = "public", "visitor", "staff", "manager", "admin"
ONE, LIST, SERIES, WALK, FILE, TABULAR = "one", "list", "series", "walk", "file", "tabular"
ARCHIVE = "archive"  # a file whose content is tested elsewhere
FILES_OF_ANY_KIND = (FILE, TABULAR, ARCHIVE)


def _form(content: bytes, name: str) -> bytes:
    """The body of an upload."""
    head = f'Content-Disposition: form-data; name="file"; filename="{name}"'.encode()
    return b"\r\n".join((b"--parted", head, b"", content, b"--parted--", b""))


BODY = _form(PICTURE, "view.png")
TABLE = _form(b"name,email\r\nAna,ana@example.com\r\n", "guests.csv")
ARRIVALS = _form(b"arrival,departure\r\n2026-05-01,2026-05-04\r\n", "stays.csv")
ENTRIES = _form(b"title,content,category\r\nPool,Open,amenity\r\n", "entries.csv")


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
    sends: bytes = b""  # a file
    asks: type[ma.Schema] | None = None
    path: Callable[[Hotel], dict[str, str]] = lambda hotel: {}
    query: Callable[[Hotel], str] = lambda hotel: ""
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
        """The valid body, or the query that a route cannot do without, as the test client takes it."""
        if query := self.query(hotel):
            return {"query_string": query}
        if self.sends:
            return {"data": self.sends, "content_type": "multipart/form-data; boundary=parted"}
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
    Route("POST", "/conversations/<conversation_id>/unread", STAFF, conversations.Conversation),
    Route(
        "PUT",
        "/conversations/<conversation_id>/presence",
        STAFF,
        conversations.Conversation,
        takes=conversations.PresenceUpdate,
        body=lambda hotel: {"state": "viewing"},
    ),
    Route(
        "GET",
        "/conversations/<conversation_id>/messages",
        STAFF,
        conversations.Message,
        shape=LIST,
        asks=message_filters.MessageFilters,
    ),
    Route(
        "POST",
        "/conversations/<conversation_id>/messages",
        STAFF,
        conversations.Message,
        201,
        takes=message_input.MessageCreate,
        body=lambda hotel: {"content": "Hello!", "type": "text"},
    ),
    Route(
        "GET",
        "/guests/<guest_id>/messages",
        STAFF,
        conversations.GuestMessage,
        shape=LIST,
        asks=message_filters.GuestMessageFilters,
        path=lambda hotel: {"guest_id": hotel.chat_guest_id},
    ),
    Route(
        "GET",
        "/messages",
        STAFF,
        conversations.Message,
        shape=WALK,
        meta=ListMeta,
        asks=message_filters.AllMessageFilters,
    ),
    Route(
        "GET",
        "/messages/<message_id>",
        STAFF,
        conversations.Message,
        path=lambda hotel: hotel.failed_message(),
    ),
    Route(
        "PATCH",
        "/messages/<message_id>",
        STAFF,
        conversations.Message,
        path=lambda hotel: hotel.scheduled_message(),
        takes=message_input.MessagePatch,
        body=lambda hotel: {"content": "Hello!", "sendAt": None},
    ),
    Route(
        "DELETE",
        "/messages/<message_id>",
        STAFF,
        Deleted,
        path=lambda hotel: hotel.held_message(),
    ),
    Route(
        "POST",
        "/messages/<message_id>/resend",
        STAFF,
        conversations.Message,
        path=lambda hotel: hotel.failed_message(),
    ),
    Route(
        "PUT",
        "/messages/<message_id>/reaction",
        STAFF,
        conversations.Message,
        path=lambda hotel: hotel.whatsapp_message(),
        takes=message_parts.ReactionPut,
        body=lambda hotel: {"emoji": "👍"},
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
    Route("GET", "/guests/<guest_id>/consents", STAFF, guests.Consents),
    Route("GET", "/guests/<guest_id>/export", ADMIN, None, shape=ARCHIVE),
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

BY_EXTERNAL_ID = (
    Route(
        "PUT",
        "/guests/by-external-id/<external_id>",
        STAFF,
        guests.Guest,
        takes=guests.GuestUpsert,
        asks=guests.GuestUpsertOptions,
        path=lambda hotel: hotel.called("guests"),
        body=lambda hotel: {"name": "Ana", "metadata": {"loyalty": "gold"}},
    ),
    Route(
        "PUT",
        "/guests/by-external-id",
        MANAGER,
        guests.Guest,
        shape=SERIES,
        bulk=True,
        takes=guests.GuestUpserts,
        asks=guests.GuestUpsertOptions,
        body=lambda hotel: {"items": [{"externalId": "pms:1", "name": "Ana"}, {"name": "Eva"}]},
    ),
    Route(
        "PUT",
        "/tasks/by-external-id/<external_id>",
        STAFF,
        tasks.Task,
        takes=tasks.TaskUpsert,
        asks=link_fields.UpsertOptions,
        path=lambda hotel: hotel.called("tasks"),
        body=lambda hotel: {"title": "Lamp", "department": "maintenance"},
    ),
    Route(
        "PUT",
        "/tasks/by-external-id",
        MANAGER,
        tasks.Task,
        shape=SERIES,
        bulk=True,
        takes=tasks.TaskUpserts,
        asks=link_fields.UpsertOptions,
        body=lambda hotel: {
            "items": [
                {"externalId": "wo-1", "title": "Lamp", "department": "maintenance"},
                {"externalId": "wo-2"},
            ]
        },
    ),
    Route(
        "PUT",
        "/knowledge/by-external-id/<external_id>",
        MANAGER,
        knowledge.Entry,
        takes=knowledge.EntryUpsert,
        path=lambda hotel: hotel.called("knowledge"),
        body=lambda hotel: {"title": "Pool", "content": "Open.", "category": "amenity"},
    ),
    Route(
        "PUT",
        "/knowledge/by-external-id",
        MANAGER,
        knowledge.Entry,
        shape=SERIES,
        bulk=True,
        takes=knowledge.EntryUpserts,
        body=lambda hotel: {
            "items": [
                {"externalId": "k-1", "title": "Pool", "content": "Open.", "category": "amenity"},
                {"externalId": "k-2"},
            ]
        },
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
    Route("POST", "/attachments", STAFF, attachments.Attachment, 201, sends=BODY),
    Route("GET", "/attachments/<attachment_id>", STAFF, None, shape=FILE),
    Route("GET", "/webchat/attachments/<attachment_id>", VISITOR, None, shape=FILE),
)

STAYS = (
    Route("GET", "/stays", STAFF, stays.Stay, shape=LIST, asks=stays.StayFilters),
    Route(
        "POST",
        "/stays",
        STAFF,
        stays.Stay,
        201,
        takes=stays.StayCreate,
        body=lambda hotel: {
            "guestId": hotel.guest_id,
            "companions": [hotel.guest()],
            "room": "302",
            "arrival": "2026-05-01",
            "departure": "2026-05-04",
            "eta": "15:30",
            "metadata": {"rate": "flexible"},
        },
    ),
    Route("GET", "/stays/<stay_id>", STAFF, stays.Stay),
    Route(
        "PATCH",
        "/stays/<stay_id>",
        STAFF,
        stays.Stay,
        takes=stays.StayPatch,
        body=lambda hotel: {"status": "in_house", "room": "305"},
    ),
    Route(
        "DELETE",
        "/stays/<stay_id>",
        STAFF,
        Deleted,
        path=lambda hotel: {"stay_id": hotel.stay()},
    ),
    Route(
        "POST",
        "/stays/bulk",
        MANAGER,
        stays.Stay,
        shape=SERIES,
        bulk=True,
        takes=stays.StayBulk,
        body=lambda hotel: {
            "items": [
                {"arrival": "2026-05-01", "departure": "2026-05-04"},
                {"arrival": "2026-05-01"},
            ]
        },
    ),
    Route(
        "PATCH",
        "/stays/bulk",
        MANAGER,
        stays.Stay,
        shape=SERIES,
        bulk=True,
        takes=stays.StayBulkPatch,
        body=lambda hotel: {"ids": [hotel.stay_id, "stay-none"], "changes": {"status": "booked"}},
    ),
    Route(
        "PUT",
        "/stays/by-external-id/<external_id>",
        STAFF,
        stays.Stay,
        takes=stays.StayUpsert,
        asks=link_fields.UpsertOptions,
        path=lambda hotel: hotel.called("stays"),
        body=lambda hotel: {"room": "305", "status": "in_house"},
    ),
    Route(
        "PUT",
        "/stays/by-external-id",
        MANAGER,
        stays.Stay,
        shape=SERIES,
        bulk=True,
        takes=stays.StayUpserts,
        asks=link_fields.UpsertOptions,
        body=lambda hotel: {
            "items": [
                {"externalId": "res-1", "arrival": "2026-05-01", "departure": "2026-05-04"},
                {"externalId": "res-2"},
            ]
        },
    ),
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

TEMPLATES = (
    Route(
        "GET",
        "/templates",
        STAFF,
        templates.MessageTemplate,
        shape=LIST,
        asks=templates.TemplateFilters,
    ),
    Route(
        "POST",
        "/templates",
        MANAGER,
        templates.MessageTemplate,
        201,
        takes=templates.TemplateCreate,
        body=lambda hotel: {"name": "Welcome", "texts": {"en": "Welcome, {guest_name}!"}},
    ),
    Route("GET", "/templates/<template_id>", STAFF, templates.MessageTemplate),
    Route(
        "PATCH",
        "/templates/<template_id>",
        MANAGER,
        templates.MessageTemplate,
        takes=templates.TemplatePatch,
        body=lambda hotel: {"name": f"Greeting {next(hotel.numbers)}"},
    ),
    Route(
        "DELETE",
        "/templates/<template_id>",
        MANAGER,
        Deleted,
        path=lambda hotel: {"template_id": hotel.template()},
    ),
    Route(
        "POST",
        "/templates/<template_id>/preview",
        STAFF,
        templates.FilledTemplate,
        takes=templates.TemplatePreview,
        body=lambda hotel: {"guestId": hotel.guest_id},
    ),
    Route(
        "GET",
        "/automations",
        MANAGER,
        automations.Automation,
        shape=LIST,
        asks=automations.AutomationFilters,
    ),
    Route(
        "POST",
        "/automations",
        MANAGER,
        automations.Automation,
        201,
        takes=automations.AutomationCreate,
        body=lambda hotel: {
            "name": "Nobody answers",
            "trigger": {"type": "conversation.waiting", "minutes": 15},
            "actions": [{"type": "notify", "department": "front-desk"}],
        },
    ),
    Route("GET", "/automations/<automation_id>", MANAGER, automations.Automation),
    Route(
        "PATCH",
        "/automations/<automation_id>",
        MANAGER,
        automations.Automation,
        takes=automations.AutomationPatch,
        body=lambda hotel: {"name": f"Automation {next(hotel.numbers)}"},
    ),
    Route(
        "DELETE",
        "/automations/<automation_id>",
        MANAGER,
        Deleted,
        path=lambda hotel: {"automation_id": hotel.automation()},
    ),
    Route(
        "POST",
        "/automations/<automation_id>/preview",
        MANAGER,
        automations.Foreseen,
        shape=SERIES,
        meta=automations.ForeseenMeta,
    ),
    Route(
        "GET",
        "/automations/<automation_id>/runs",
        MANAGER,
        automations.Run,
        shape=LIST,
        asks=automations.RunFilters,
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

PUSH = (
    Route("GET", "/push/key", STAFF, push.PushKey),
    Route(
        "GET",
        "/push/subscriptions",
        STAFF,
        push.Subscription,
        shape=LIST,
        asks=push.SubscriptionFilters,
    ),
    Route(
        "POST",
        "/push/subscriptions",
        STAFF,
        push.Subscription,
        201,
        takes=push.SubscriptionCreate,
        body=lambda hotel: Device(f"https://push.example.net/{next(hotel.numbers)}").subscription(),
    ),
    Route("GET", "/push/subscriptions/<subscription_id>", STAFF, push.Subscription),
    Route("DELETE", "/push/subscriptions/<subscription_id>", STAFF, Deleted),
    Route("POST", "/push/subscriptions/<subscription_id>/test", STAFF, push.Subscription, 202),
    Route("GET", "/auth/me/notifications", STAFF, push.Notifications),
    Route(
        "PUT",
        "/auth/me/notifications",
        STAFF,
        push.Notifications,
        takes=push.NotificationsPut,
        body=lambda hotel: {
            "push": ["mention"],
            "email": ["mention"],
            "page": [],
            "quietFrom": "22:00",
            "quietTo": "07:00",
        },
    ),
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

WEBHOOKS = (
    Route("GET", "/webhooks", ADMIN, webhooks.Webhook, shape=LIST, asks=webhooks.WebhookFilters),
    Route(
        "POST",
        "/webhooks",
        ADMIN,
        webhooks.WebhookWithSecret,
        201,
        secret=True,
        takes=webhooks.WebhookCreate,
        body=lambda hotel: hotel.wanted_webhook(),
    ),
    Route("GET", "/webhooks/<webhook_id>", ADMIN, webhooks.Webhook),
    Route(
        "PATCH",
        "/webhooks/<webhook_id>",
        ADMIN,
        webhooks.Webhook,
        takes=webhooks.WebhookPatch,
        body=lambda hotel: {"events": ["task.*"], "description": f"No. {next(hotel.numbers)}"},
    ),
    Route(
        "DELETE",
        "/webhooks/<webhook_id>",
        ADMIN,
        Deleted,
        path=lambda hotel: {"webhook_id": hotel.webhook()},
    ),
    Route(
        "POST",
        "/webhooks/<webhook_id>/rotate-secret",
        ADMIN,
        webhooks.WebhookWithSecret,
        secret=True,
    ),
    Route("POST", "/webhooks/<webhook_id>/test", ADMIN, webhooks.Delivery, 202),
    Route(
        "GET",
        "/webhooks/<webhook_id>/deliveries",
        ADMIN,
        webhooks.Delivery,
        shape=LIST,
        asks=webhooks.DeliveryFilters,
    ),
    Route(
        "POST",
        "/webhooks/<webhook_id>/deliveries/<delivery_id>/redeliver",
        ADMIN,
        webhooks.Delivery,
        202,
    ),
    Route(
        "POST",
        "/webhooks/<webhook_id>/redeliver",
        ADMIN,
        webhooks.Redelivered,
        202,
        takes=webhooks.Redelivery,
        body=lambda hotel: {"since": "2026-05-01T15:00:00Z", "status": "failed"},
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
    Route("GET", "/handover", STAFF, handover.Handover, asks=handover.HandoverFilters),
    Route(
        "POST",
        "/handover",
        STAFF,
        handover.SignedHandover,
        201,
        takes=handover.HandoverCreate,
        body=lambda hotel: {"text": "302 has the spare key."},
    ),
    Route(
        "GET",
        "/handover/<handover_id>",
        STAFF,
        handover.SignedHandover,
        path=lambda hotel: {"handover_id": hotel.handover()},
    ),
    Route(
        "POST",
        "/handover/<handover_id>/read",
        STAFF,
        handover.SignedHandover,
        path=lambda hotel: {"handover_id": hotel.handover()},
    ),
    Route("GET", "/reports/overview", MANAGER, reports.Overview, asks=reports.OverviewFilters),
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
        "/stay-feeds",
        STAFF,
        stay_feeds.StayFeed,
        shape=LIST,
        asks=stay_feeds.StayFeedFilters,
    ),
    Route("GET", "/watchdog", STAFF, watchdog.Health),
    Route(
        "GET",
        "/channels",
        STAFF,
        accounts.ChannelAccount,
        shape=LIST,
        asks=accounts.ChannelFilters,
    ),
    Route(
        "GET",
        "/channels/whatsapp/templates",
        STAFF,
        accounts.WhatsAppTemplate,
        shape=LIST,
        asks=accounts.WhatsAppTemplateFilters,
    ),
    Route("POST", "/channels/<channel>/test", ADMIN, accounts.ChannelTestBegun, 202),
    Route("POST", "/channels/email/test-letter", ADMIN, accounts.ChannelTestBegun, 202),
    Route("GET", "/channels/<channel>/test/<test_id>", ADMIN, accounts.ChannelTest),
)

FILES = (
    *(
        Route(
            "GET",
            f"/exports/{what}",
            ADMIN if what in FOR_ADMINS else MANAGER,
            None,
            shape=TABULAR,
            asks=query,
        )
        for what, query in QUERIES.items()
    ),
    Route(
        "POST",
        "/exports",
        MANAGER,
        exports.ExportJob,
        202,
        takes=exports.ExportCreate,
        body=lambda hotel: {"what": "guests", "format": "csv", "filters": {"tag": ["vip"]}},
    ),
    Route("GET", "/exports/<export_id>", MANAGER, exports.ExportJob),
    Route("GET", "/exports/<export_id>/file", MANAGER, None, shape=TABULAR),
    Route("POST", "/imports/guests", MANAGER, imports.ImportJob, 202, sends=TABLE),
    Route("POST", "/imports/stays", MANAGER, imports.ImportJob, 202, sends=ARRIVALS),
    Route("POST", "/imports/knowledge", MANAGER, imports.ImportJob, 202, sends=ENTRIES),
    Route("POST", "/imports/guests/preview", MANAGER, imports.ImportPreview, sends=TABLE),
    Route("POST", "/imports/stays/preview", MANAGER, imports.ImportPreview, sends=ARRIVALS),
    Route("POST", "/imports/knowledge/preview", MANAGER, imports.ImportPreview, sends=ENTRIES),
    Route("GET", "/imports/<import_id>", MANAGER, imports.ImportJob),
    Route(
        "POST",
        "/imports/<import_id>/cancel",
        MANAGER,
        imports.ImportJob,
        path=lambda hotel: {"import_id": hotel.waiting_import()},
    ),
    Route("GET", "/imports/<import_id>/errors", MANAGER, None, shape=TABULAR),
)

BACKUPS = (
    Route("GET", "/privacy/due", ADMIN, privacy.DueErasure, shape=LIST, asks=privacy.DueFilters),
    Route("GET", "/backups", ADMIN, backups.Backup, shape=LIST, asks=backups.BackupFilters),
    Route("POST", "/backups", ADMIN, backups.Backup, 202),
    Route("GET", "/backups/<backup_id>", ADMIN, backups.Backup),
    Route(
        "POST",
        "/backups/<backup_id>/token",
        ADMIN,
        backups.BackupToken,
        takes=backups.BackupRelease,
        body=lambda hotel: {"password": PASSWORD},
        secret=True,
    ),
    Route(
        "GET",
        "/backups/<backup_id>/file",
        ADMIN,
        None,
        shape=ARCHIVE,
        asks=backups.BackupDownload,
        query=lambda hotel: f"token={hotel.backup_token()}",
    ),
)

ROUTES = (
    *FILES,
    *BACKUPS,
    *KEYS,
    *CHANNELS,
    *CONVERSATIONS,
    *GUESTS,
    *BY_EXTERNAL_ID,
    *MERGES,
    *ATTACHMENTS,
    *STAYS,
    *TASKS,
    *KNOWLEDGE,
    *TEMPLATES,
    *PEOPLE,
    *SETTINGS,
    *AUTH,
    *PUSH,
    *WEBHOOKS,
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
    "/service-worker.js",
    "/icon-192.png",
    "/manifest.webmanifest",
    "/healthz",
    "/readyz",
    "/webhooks/whatsapp",
    "/webhooks/twilio/sms",
    "/webhooks/twilio/whatsapp",
    "/webhooks/twilio/status",
    "/files/<attachment_id>",
}
DOCUMENTS = {
    "/api/v1/openapi.json",
    "/api/v1/docs",
    "/api/v1/docs/policy",
    "/api/v1/docs/<version>/<name>",
}
