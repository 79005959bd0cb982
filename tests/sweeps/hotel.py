"""One hotel for all sweeps: people of every kind, a thing of every kind, and a fingerprint of all that is stored."""

from __future__ import annotations

import hashlib
import itertools
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyotp
from argon2 import PasswordHasher
from flask import Flask
from werkzeug.test import TestResponse

from jack import create_app
from jack.channels.types import Account, Address, InboundMessage, Media, MessageTemplate
from jack.core import clock, sealing
from jack.core.atomic_file import AtomicFile
from jack.core.db import Database
from jack.messaging import inbound
from jack.operations import backup_runs
from jack.resources.api_keys import store as api_keys
from jack.resources.attachments import store as attachments
from jack.resources.auth import passwords, sessions, tokens
from jack.resources.auth.second_factor import totp
from jack.resources.automations import facts, runs
from jack.resources.backups import release
from jack.resources.backups import store as backups
from jack.resources.channel_accounts import channel_tests, templates
from jack.resources.conversations import delivery, messages
from jack.resources.exports import store as exports
from jack.resources.exports import writing
from jack.resources.guests import merge
from jack.resources.handover import store as handovers
from jack.resources.imports import running
from jack.resources.imports import store as imports
from jack.resources.push import subscriptions
from jack.resources.settings import store as settings
from jack.resources.staff import store as staff
from jack.resources.webchat import store as webchat
from jack.resources.webhooks import deliveries
from jack.resources.webhooks import store as webhooks
from jack.worker.backup_process import BackupOptions
from tests import builders
from tests.device import Device

if TYPE_CHECKING:
    from tests.sweeps.table import Route

PASSWORD = "correct horse battery"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
META = {
    "enabled": True,
    "provider": "meta",
    "phoneNumberId": "1",
    "accessToken": "token",
    "appSecret": "0123456789abcdef",
    "verifyToken": "verify",
}
PICTURE = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
WELCOME = MessageTemplate(
    name="welcome",
    language="en",
    status="approved",
    category="utility",
    header=None,
    body="Hi {{1}}",
    footer=None,
    buttons=(),
    parameters=({"name": "1", "example": "Ana"},),
)
UNLIMITED = dict.fromkeys(
    (
        "JACK_RATE_LIMIT",
        "JACK_RATE_LIMIT_WEBHOOKS",
        "JACK_RATE_LIMIT_WEBHOOKS_REFUSED",
        "JACK_RATE_LIMIT_PAGE",
        "JACK_RATE_LIMIT_BULK",
        "JACK_RATE_LIMIT_CHAT",
        "JACK_RATE_LIMIT_CHAT_SESSIONS",
        "JACK_LOGIN_FAILURES",
        "JACK_LOGIN_FAILURES_ADDRESS",
        "JACK_LOGIN_LETTERS",
    ),
    "1000000/minute",
)
SERVER = {"host": "127.0.0.1", "port": 9}
CALENDARS: dict[str, Any] = {
    "feeds": [{"name": "Airbnb", "url": "https://calendars.example/1.ics", "room": "302"}]
}
# An account for e-mail, which is off.
MAILBOX: dict[str, Any] = {
    "enabled": False,
    "address": "front@hotel.example",
    "smtp": SERVER,
    "imap": SERVER | {"password": "never asked"},
}
ROLES = ("staff", "manager", "admin")
DEAD = ("anonymous", "bad", "expired", "revoked", "deactivated", "expired_visitor")

# Every table but the search indexes, which are made of others.
TABLES = """
    SELECT name FROM sqlite_schema
    WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL %' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
      AND name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow')
    ORDER BY name"""
COLUMNS = "SELECT name FROM pragma_table_xinfo(:table)"
# When a member was last here is noted on any request, refused or not: it tells nothing of what a request did.
WHEN_HERE = {"last_seen_at", "last_used_at", "last_used_ip"}


class Hotel:
    """The app, what is in it, and requests by anybody. `staffed=False` is the hotel before its first set-up."""

    def __init__(self, folder: Path, *, staffed: bool = True, **own: str) -> None:
        self._standing: dict[str, str | None] = {}
        self._key_tokens: dict[tuple[str, ...], str] = {}
        environment = {"JACK_INSTANCE": str(folder), **UNLIMITED, **own}
        self.app: Flask = create_app(environment)
        self.db: Database = self.app.extensions["jack"].databases.get()
        self.secret: str = self.app.extensions["jack"].secret
        self.client = self.app.test_client()
        self.numbers = itertools.count(1)
        self._hashes: dict[
            str, str
        ] = {}  # of the tables, as they were when a fingerprint was last taken
        self._written: set[str] = set()  # the tables that have been written since
        self._contents = {name: self._content(name) for name in self.db.column(TABLES)}
        self.db._connection.preupdate_hook(
            lambda change: self._written.add(change.table_name), id=self
        )
        self._asking = "staff"
        if staffed:
            self._fill()

    def _fill(self) -> None:
        self.hash = passwords.hashed(PASSWORD)
        self.people = {role: self.member(role) for role in ROLES}
        self.regulars = {role: self.member(role) for role in ROLES}
        self.visitor_session, self.visitor = builders.make_visitor(self.db, name="Vera Visitor")
        said, _ = webchat.receive(
            self.db, self.visitor_session, content="Hola", client_message_id="first"
        )
        self.conversation_id: str = said["conversation_id"]
        self.chat_guest_id: str = self.db.value("SELECT guest_id FROM conversations")
        self.guest_id: str = self.guest()
        self.task_id: str = builders.make_task(self.db, guest_id=self.guest_id)["id"]
        self.stay_id: str = builders.make_stay(self.db, guest_id=self.guest_id)["id"]
        self.entry_id: str = self.entry()
        self.template_id: str = self.template()
        self.automation_id: str = self.automation()
        self.run()
        self.staff_id: str = self.member("staff")
        settings.put(self.db, "channels.email", MAILBOX)
        settings.put(self.db, "stays.feeds", CALENDARS)
        self.key = "hotel"
        self.channel = "web"
        self.key_id: str = self.api_key()["id"]
        self.test_id: str = channel_tests.create(self.db, "web", settings_at=None)["id"]
        templates.replace(self.db, [WELCOME])
        self.attachment_id: str = self.file(said["id"])
        self.merge_id = "merge-none"
        self.external_id = "nobody-yet"
        self.webhook_id: str = self.webhook()
        self.delivery_id: str = deliveries.ping(self.db, self.webhook_id)["id"]
        self.export_id: str = exports.create(self.db, what="guests", format="csv", filters={})["id"]
        writing.write_due(self.db)
        self.import_id: str = self.waiting_import()
        running.run_due(self.db)
        self.backup_id: str = backups.create(self.db, by=self.people["admin"])["id"]
        backup_runs.run_due(self.db, BackupOptions())
        self.silent_guest()

    # ------------------------------------------------------------------------------------------ things

    def email(self) -> str:
        """An address nobody has yet."""
        return f"person{next(self.numbers)}@example.com"

    def silent_guest(self) -> None:
        """A guest of whom nothing has been heard for so long that they are to be erased."""
        settings.put(self.db, "privacy", {"eraseGuestsAfterMonths": 120})
        row = {"id": builders.make_guest(self.db)["id"], "at": "2001-02-03T04:05:06.000Z"}
        self.db.run("UPDATE guests SET created_at = :at WHERE id = :id", row)

    def member(self, role: str) -> str:
        """A new member of staff who has a password."""
        made = staff.create(
            self.db,
            name=f"{role.title()} Member",
            email=self.email(),
            role=role,
            password_hash=self.hash,
        )
        return str(made["id"])

    def guest(self) -> str:
        """A new guest."""
        made = builders.make_guest(
            self.db, email=self.email(), phone="+1555000" + f"{next(self.numbers):04}", tags=["vip"]
        )
        return str(made["id"])

    def api_key(self, *scopes: str) -> dict[str, Any]:
        """A new API key with these scopes, and its token; its budgets are as large as they can be."""
        made = api_keys.create(
            self.db,
            name="Some program",
            scopes=scopes or ["guests:read"],
            rate_limit=6000,
            rate_limit_bulk=600,
        )
        return dict(made)

    def key_token(self, *scopes: str) -> str:
        """The token of an API key with these scopes, the same each time."""
        if scopes not in self._key_tokens:
            self._key_tokens[scopes] = self.api_key(*scopes)["token"]
        return self._key_tokens[scopes]

    def backup_token(self) -> str:
        """What lets the administrator download the backup."""
        until = int(self.db.time()) + 600
        return release.token(self.secret, self.backup_id, self.regulars["admin"], until)

    def stay(self) -> str:
        """A new stay."""
        return str(builders.make_stay(self.db)["id"])

    def entry(self) -> str:
        """A new entry of the knowledge base."""
        return str(builders.make_entry(self.db)["id"])

    def template(self) -> str:
        """A new template."""
        return str(builders.make_template(self.db)["id"])

    def automation(self) -> str:
        """A new automation, of which nothing needs a scope of its own."""
        return str(builders.make_automation(self.db)["id"])

    def run(self) -> None:
        """A run of the automation, for the conversation."""
        (about,) = facts.conversations(self.db, [self.conversation_id])
        runs.record(self.db, self.automation_id, "now", about, "notify", result="done")

    def called(self, kind: str) -> dict[str, str]:
        """Something new of this kind that another program has a name for."""
        name = f"called-{next(self.numbers)}"
        make = {
            "guests": builders.make_guest,
            "stays": builders.make_stay,
            "tasks": builders.make_task,
        }.get(kind, builders.make_entry)
        make(self.db, external_id=name)
        return {"external_id": name}

    def webhook(self) -> str:
        """A new webhook; there may be 20."""
        return str(webhooks.create(self.db, **self.wanted_webhook())["id"])

    def wanted_webhook(self) -> dict[str, Any]:
        """What a webhook is made of, for which there is room."""
        known = getattr(self, "webhook_id", "")
        self.db.run("DELETE FROM webhooks WHERE id <> :known", {"known": known})
        return {"url": "https://hooks.example.com/jack", "events": ["knowledge.deleted"]}

    def double(self) -> tuple[str, str]:
        """Two guests of one name nobody else has."""
        name = f"Double {next(self.numbers)}"
        first, second = (str(builders.make_guest(self.db, name=name)["id"]) for _ in range(2))
        return first, second

    def merged(self) -> dict[str, str]:
        """A guest another one has just been merged into, and that merge."""
        kept = self.guest()
        made = merge.merge(self.db, kept, self.guest())
        return {"guest_id": kept, "merge_id": str(made["id"])}

    def handover(self) -> str:
        """A handover that somebody has signed; its id."""
        return handovers.sign(self.db, "302 has the spare key.", by=self.staff_id)["id"]

    def failed_message(self) -> dict[str, str]:
        """A message to the visitor that has just failed."""
        conversation = builders.make_conversation(self.db)
        made = messages.send(self.db, conversation["id"], content="Sí", by=self.staff_id)
        delivery.advance(self.db, made["id"], "failed", error="The line is down.")
        self.db.run("DELETE FROM outbox WHERE message_id = :id", made)
        return {"message_id": str(made["id"])}

    def whatsapp_message(self) -> dict[str, str]:
        """A message that has just come in by WhatsApp, connected to Meta."""
        settings.put(self.db, "channels.whatsapp", META)
        key = f"wamid.{next(self.numbers)}"
        address = Address("+525512345678", "5215512345678")
        inbound.store_events(
            self.db,
            Account("whatsapp", "whatsapp:1", {}),
            [InboundMessage(key, (address,), "Hola", self.db.now())],
        )
        made = messages.by_event_key(self.db, "whatsapp:1", key)
        assert made is not None
        return {"message_id": str(made["id"])}

    def held_message(self) -> dict[str, str]:
        """A message that may be taken back."""
        conversation = builders.make_conversation(self.db)
        made = messages.send(
            self.db, conversation["id"], content="Sí", delay_seconds=30, by=self.staff_id
        )
        return {"message_id": str(made["id"])}

    def scheduled_message(self) -> dict[str, str]:
        """A message that leaves in an hour."""
        conversation = builders.make_conversation(self.db)
        send_at = clock.later(self.db.now(), hours=1)
        made = messages.send(
            self.db, conversation["id"], content="Sí", send_at=send_at, by=self.staff_id
        )
        return {"message_id": str(made["id"])}

    def file(self, message_id: str) -> str:
        """A file that came with a message."""
        attachments.create_received(
            self.db, message_id, "web:1", [Media(name="view.png", content=PICTURE)]
        )
        return str(attachments.of_messages(self.db, [message_id])[message_id][-1]["id"])

    def waiting_import(self) -> str:
        """An import that nobody has begun."""
        with AtomicFile(self.db.path.parent / imports.FOLDER, imports.LIMIT) as file:
            file.write(b"name,email\nAna,nonsense\n")
            asked = {"what": "guests", "mapping": {"name": "name", "email": "email"}}
            made = imports.create(self.db, file, **asked, on_match="skip", dry_run=False)
        return str(made["id"])

    def invitation(self) -> str:
        """The token of a fresh invitation."""
        return sessions.invite(
            self.db, staff.create(self.db, name="New", email=self.email())["id"]
        )[0]

    def setup_token(self) -> str:
        """The token of the set-up link, where there still is one."""
        return "spent" if sessions.has_admin(self.db) else sessions.invite_setup(self.db)[0]

    # ------------------------------------------------------------------------------------------ who asks

    def token(self, who: str) -> str | None:
        """A fresh token of somebody: a role, `visitor`, or one of the kinds that open nothing."""
        if who == "anonymous":
            return None
        if who == "visitor":
            return self.visitor
        if who == "bad":
            return "not.a.token"
        if who in ROLES:
            return self.sign_in(self.people[who])
        return str(getattr(self, f"_{who}")())

    def standing(self, who: str) -> str | None:
        """A token of somebody, the same each time: for requests that do not end its session."""
        self._asking = who if who in ROLES else "staff"
        if who not in self._standing:
            known = who in ROLES
            self._standing[who] = self.sign_in(self.regulars[who]) if known else self.token(who)
        return self._standing[who]

    def sign_in(self, staff_id: str) -> str:
        """A token of a member's."""
        with self.app.app_context():
            return str(tokens.issue(self.db, staff_id, hours=24)["token"])

    def _expired(self) -> str:
        """Of an administrator, a day too old."""
        with self.app.app_context():
            return str(tokens.issue(self.db, self.people["admin"], hours=-1)["token"])

    def _revoked(self) -> str:
        token = self.sign_in(self.people["admin"])
        with self.app.app_context():
            session_id = tokens.decode_token(token)["sid"]
        sessions.end_session(self.db, session_id)
        return token

    def _deactivated(self) -> str:
        staff_id = self.member("admin")
        token = self.sign_in(staff_id)
        staff.change(self.db, staff_id, active=False)
        return token

    def _expired_visitor(self) -> str:
        token = str(webchat.create_session(self.db)["token"])
        end = "UPDATE webchat_sessions SET expires_at = created_at WHERE token_hash = :hash"
        self.db.run(end, {"hash": hashlib.sha256(token.encode()).hexdigest()})
        return token

    @property
    def session_id(self) -> str:
        """A session of whoever has asked for a standing token last, made for the occasion."""
        staff_id = self.regulars[self._asking]
        return sessions.begin_session(self.db, staff_id, hours=24)[0]

    @property
    def subscription_id(self) -> str:
        """A device on which whoever has asked for a standing token last is told."""
        device = Device(f"https://push.example.net/{next(self.numbers)}").subscription()
        made = subscriptions.create(
            self.db, staff_id=self.regulars[self._asking], session_id=self.session_id, **device
        )
        return made["id"]

    def without_totp(self) -> str:
        """Nobody has a second factor; returns the e-mail of a member of staff."""
        self.db.run("DELETE FROM totp")
        return str(
            self.db.value("SELECT email FROM staff WHERE id = :id", {"id": self.people["staff"]})
        )

    def with_totp(self, *, confirmed: bool) -> str:
        """Everybody of `people` has a second factor, or is about to, with the same secret; returns its code."""
        self.db.run("DELETE FROM totp")
        for staff_id in self.people.values():
            totp.new_secret(self.db, staff_id, self.secret)
            sealed = sealing.sealed(TOTP_SECRET, f"totp:{staff_id}", self.secret)
            set_secret = "UPDATE totp SET secret = :sealed WHERE staff_id = :staff_id"
            self.db.run(set_secret, {"sealed": sealed, "staff_id": staff_id})
            if confirmed:
                totp.confirm(self.db, staff_id)
        return pyotp.TOTP(TOTP_SECRET).now()

    # ------------------------------------------------------------------------------------------ requests

    def send(
        self,
        method: str,
        path: str,
        *,
        who: str = "",
        headers: dict[str, str] | None = None,
        **kwargs: Any,
    ) -> TestResponse:
        """A request by somebody, or with whatever `headers` say; `path` is below /api/v1."""
        token = self.standing(who) if who else None
        sent = {"Authorization": f"Bearer {token}"} if token else {}
        if "?" in path and "query_string" in kwargs:  # what a test asks, and no more
            del kwargs["query_string"]
        return self.client.open(
            f"/api/v1{path}", method=method, headers=sent | (headers or {}), buffered=True, **kwargs
        )

    def ask(self, route: Route, **kwargs: Any) -> TestResponse:
        """A valid request of a route by somebody who may, with a session of its own where it ends it."""
        token = self.standing(route.asker) if route.keeps_session else self.token(route.asker)
        sent = {"Authorization": f"Bearer {token}"} if token else {}
        url, body = route.url(self), route.request(self)
        return self.send(route.method, url, headers=sent, **body | kwargs)

    def fingerprint(self) -> str:
        """A hash of every row of every table, but for who was here when. Of each table it is made anew when that was written."""
        for name in self._contents.keys() - (self._hashes.keys() - self._written):
            self._hashes[name] = self._hashed(name)
        self._written.clear()
        return "".join(self._hashes[name] for name in sorted(self._hashes))

    def _content(self, table: str) -> str:
        """The statement for what a fingerprint is of."""
        names = self.db.column(COLUMNS, {"table": table})
        shown = ", ".join(f'"{name}"' for name in names if name not in WHEN_HERE)
        # A line of the audit log, for what reads very much.
        but = " WHERE action <> 'export.created'" if table == "audit" else ""
        return f'SELECT {shown} FROM "{table}"{but}'

    def _hashed(self, table: str) -> str:
        digest = hashlib.blake2b(digest_size=16)
        for row in self.db._connection.execute(self._contents[table]):
            digest.update(repr(row).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    def close(self) -> None:
        self.app.extensions["jack"].databases.close()


def quick_hasher() -> PasswordHasher:
    """Argon2id in a hurry: what it costs is measured elsewhere."""
    return PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
