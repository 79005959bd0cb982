"""What an action would do for an occasion, or why it is not done. Nothing is changed here: the worker and the preview plan alike."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from jack.core import clock
from jack.core.errors import Conflict, Invalid, NotFound
from jack.resources.automations import moments, skips
from jack.resources.automations.skips import Skip
from jack.resources.conversations import message_templates, sendability, web_streams
from jack.resources.conversations import store as conversations
from jack.resources.guests import consents, identities
from jack.resources.settings import store as settings
from jack.resources.staff import store as staff
from jack.resources.templates import filling
from jack.resources.templates import store as templates

if TYPE_CHECKING:
    from jack.core.db import Database
    from jack.resources.automations.facts import Facts, Person
    from jack.resources.automations.rows import Action, AutomationRow
    from jack.resources.templates.store import TemplateRow

# Whether the same automation has sent a guest this template for a stay, in an earlier run; what somebody has sent again after
# all counts as well. Of runs that do not say which template it was, any.
SENT_FOR_STAY = """
    SELECT EXISTS (
        SELECT 1 FROM automation_runs JOIN messages ON messages.id = message_id
        WHERE automation_runs.subject_id = :subject AND automation_id = :automation AND message_id IS NOT NULL
          AND automation_runs.seq <= :newest AND coalesce(automation_runs.template_id = :template, 1)
          AND (result = 'done' OR messages.details ->> '$.resent') AND messages.status NOT IN ('failed', 'cancelled'))"""

NEWEST_RUN = "SELECT coalesce(max(seq), 0) FROM automation_runs"

SENT_THAT_DAY = """
    SELECT count(*) FROM automation_runs JOIN messages ON messages.id = message_id
    WHERE automation_runs.guest_id = :guest AND at >= :begin AND at < :end
      AND (result = 'done' OR messages.details ->> '$.resent' AND messages.status <> 'failed')"""

IS_OWN_TASK = "SELECT EXISTS (SELECT 1 FROM automation_runs WHERE task_id = :id)"

DEPARTMENT = "SELECT id FROM staff WHERE department = :department AND active ORDER BY seq"

NEWEST = """
    SELECT id FROM conversations WHERE guest_id = :guest AND status <> 'closed' ORDER BY active_at DESC, seq DESC LIMIT 1"""

# Of what keeps a guest from being written to on several channels, what is told.
TELLING = ("opted_out", "window_closed", "no_consent", "takes_no_replies")


class Plan(NamedTuple):
    """What an action does: a message on a `channel` (`template` is WhatsApp's approved one), a task, or whom or what it names."""

    content: str
    channel: str | None = None
    template: dict[str, object] | None = None
    conversation_id: str | None = None
    staff: tuple[str, ...] = ()


@dataclass
class Planner:
    """Plans the actions of an automation. `planned` counts the messages that are planned and not sent: by guest and day."""

    db: Database
    automation: AutomationRow
    zone: str
    planned: Counter[tuple[str, str]] = field(default_factory=Counter)
    occasion: str = ""  # that is planned for
    newest_run: int = 0  # of those before it
    _templates: dict[str, TemplateRow | None] = field(default_factory=dict)
    _channels: dict[str, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.newest_run = int(self.db.value(NEWEST_RUN))

    def plan(self, action: Action, facts: Facts, at: str) -> Plan | Skip:
        """What an action does at a moment, by all that is known now."""
        if action["type"] == "send_template":
            return self._message(action, facts, at)
        if action["type"] == "create_task":
            return self._task(action, facts)
        if action["type"] == "tag":
            return Plan(action["tag"]) if facts.guest else skips.NO_GUEST
        if action["type"] == "assign":
            return self._assignment(action, facts)
        return self._notification(action)

    def _task(self, action: Action, facts: Facts) -> Plan | Skip:
        if facts.kind == "task" and self.db.value(IS_OWN_TASK, {"id": facts.id}):
            return skips.OWN_TASK
        try:
            settings.check_department(self.db, action["department"])
        except Invalid as error:
            return Skip("no_department", error.message)
        return Plan(action["title"])

    def _assignment(self, action: Action, facts: Facts) -> Plan | Skip:
        if staff.still_active(self.db, action["assignee"]) is None:
            return skips.NOT_ACTIVE
        if facts.kind == "task":
            return Plan(action["assignee"])
        found = facts.conversation["id"] if facts.conversation else None
        found = found or self.db.value(NEWEST, {"guest": facts.guest_id})
        return Plan(action["assignee"], conversation_id=found) if found else skips.NO_CONVERSATION

    def _notification(self, action: Action) -> Plan | Skip:
        if "department" in action:
            people = self.db.column(DEPARTMENT, {"department": action["department"]})
        else:
            people = [one for one in action["staff"] if staff.still_active(self.db, one)]
        return Plan(self.automation["name"], staff=tuple(people)) if people else skips.NOT_ACTIVE

    # ---------------------------------------------------------------------------------------- messages

    def _message(self, action: Action, facts: Facts, at: str) -> Plan | Skip:
        """Who is not to be written to at all, or not again; else by the first channel that reaches them."""
        if facts.guest is None:
            return skips.NO_GUEST
        if facts.guest["blocked"]:
            return skips.BLOCKED
        if facts.conversation is not None and facts.conversation["only_automatic"]:
            return skips.AUTOMATIC
        template = self._template(action["template_id"])
        if template is None:
            return skips.NO_TEMPLATE
        if facts.kind == "stay" and self._was_sent(facts.id, template["id"]):
            return skips.ALREADY_SENT
        day = moments.day_begins(at, self.zone)
        if self._sent_on(facts.guest["id"], day) >= self.automation["per_guest_per_day"]:
            return skips.per_day(self.automation["per_guest_per_day"])
        found = self._by_channel(action, template, facts, facts.guest, at)
        if isinstance(found, Plan):
            self.planned[facts.guest["id"], day] += 1
        return found

    def _was_sent(self, stay_id: str, template_id: str) -> bool:
        """Whether the guest has this already: the stay was on other days then, or was cancelled and booked again."""
        named = {"subject": stay_id, "automation": self.automation["id"], "template": template_id}
        return bool(self.db.value(SENT_FOR_STAY, {**named, "newest": self.newest_run}))

    def _template(self, template_id: str) -> TemplateRow | None:
        if template_id not in self._templates:
            try:
                self._templates[template_id] = templates.get(self.db, template_id)
            except NotFound:
                self._templates[template_id] = None
        return self._templates[template_id]

    def _sent_on(self, guest_id: str, begin: str) -> int:
        day = moments.local(begin, self.zone).date().isoformat()
        end = moments.of_day(day, 1, "00:00", self.zone)
        sent = self.db.value(SENT_THAT_DAY, {"guest": guest_id, "begin": begin, "end": end})
        return int(sent) + self.planned[guest_id, begin]

    def _by_channel(
        self, action: Action, template: TemplateRow, facts: Facts, guest: Person, at: str
    ) -> Plan | Skip:
        """The message by the first channel that reaches the guest; that of the conversation it is about before others."""
        reasons: dict[str, Skip] = {}
        own = facts.conversation["channel"] if facts.conversation else None
        for channel in sorted(action["channels"], key=lambda name: name != own):
            if channel not in template["channels"]:
                continue
            kept = self._kept_from(guest, channel, facts, at)
            approved = template["whatsapp_template"]
            if kept is None:
                return self._filled(template, facts, guest, channel)
            if kept.reason == "window_closed" and approved is not None:
                return self._approved(template, facts, guest)
            reasons[kept.reason] = kept
        return next((reasons[one] for one in TELLING if one in reasons), skips.NO_CHANNEL)

    def _kept_from(self, guest: Person, channel: str, facts: Facts, at: str) -> Skip | None:
        """What keeps a guest from being written to on a channel at a moment."""
        if not self._is_on(channel):
            return skips.NO_CHANNEL
        if channel == "web":
            return None if self._has_visitor(facts) else skips.NO_CHANNEL
        if identities.last_used(self.db, guest["id"], channel) is None:
            return skips.NO_CHANNEL
        found = sendability.blocker(self.db, guest["id"], channel, "text", at=at)
        if found is None or found.reason != "window_closed":
            return None if found is None else Skip(found.reason, found.message)
        if not self._may_begin(guest["id"]):
            return skips.NO_CONSENT
        return Skip(found.reason, sendability.CLOSED)

    def _is_on(self, channel: str) -> bool:
        if channel not in self._channels:
            try:
                settings.check_channel(self.db, channel)
                self._channels[channel] = True
            except Conflict:
                self._channels[channel] = False
        return self._channels[channel]

    def _has_visitor(self, facts: Facts) -> bool:
        talk = facts.conversation
        if talk is None or talk["channel"] != "web":
            return False
        return web_streams.visitor(self.db, talk["id"]) is not None

    def _may_begin(self, guest_id: str) -> bool:
        """Whether a guest has ever written by WhatsApp, or has agreed to be written to there."""
        named = {"guest_id": guest_id, "channel": "whatsapp"}
        if self.db.value(identities.LAST_INBOUND_AT, named) is not None:
            return True
        return consents.of_guest(self.db, guest_id)["whatsapp"]["state"] == "given"

    def _subject(self, facts: Facts, guest: Person) -> filling.Subject:
        return filling.Subject(guest, facts.stay, self.automation["id"])

    def _conversation(self, facts: Facts, guest: Person, channel: str) -> str | None:
        """The conversation to write in; None where there is none yet."""
        if facts.conversation is not None and facts.conversation["channel"] == channel:
            return facts.conversation["id"]
        return conversations.newest_of(self.db, guest["id"], channel)

    def _filled(
        self, template: TemplateRow, facts: Facts, guest: Person, channel: str
    ) -> Plan | Skip:
        filled = filling.fill(self.db, template, self._subject(facts, guest))
        if filled["missing"]:
            return skips.missing(filled["missing"])
        if len(filled["content"]) > filling.LONGEST:
            message = f"Filled in it has more than {filling.LONGEST} characters."
            return Skip("too_long", message)
        to = self._conversation(facts, guest, channel)
        return Plan(filled["content"], channel, conversation_id=to)

    def _approved(self, template: TemplateRow, facts: Facts, guest: Person) -> Plan | Skip:
        """What WhatsApp has approved, where the 24 hours are over."""
        approved = template["whatsapp_template"]
        if approved is None:
            raise RuntimeError("it has no approved template")
        try:
            sent = filling.approved_to_send(self.db, approved, self._subject(facts, guest))
            said = message_templates.checked(self.db, sent, has_file=False)
        except Invalid as error:
            values = [one for one in error.details or () if one["code"] == "missing_value"]
            if values:
                return skips.missing([one["message"].split(" ")[0] for one in values])
            return Skip("template_refused", error.message)
        to = self._conversation(facts, guest, "whatsapp")
        return Plan(said, "whatsapp", sent, to)


def is_late(due_at: str, now: str) -> bool:
    """Whether something is more than six hours late."""
    return due_at < clock.later(now, hours=-LATE_HOURS)


LATE_HOURS = 6
