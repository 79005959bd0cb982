"""Automations by what happens: guests who write, wait or come, tasks that are late or done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jack.core import clock as clocks
from jack.resources.automations import store as automations
from jack.resources.automations import waiting
from jack.resources.conversations import messages
from jack.resources.conversations import store as conversations
from jack.resources.guests import store as guests
from jack.resources.settings import store as settings
from jack.resources.stays import store as stays
from jack.resources.tasks import store as tasks
from tests.builders import make_task

if TYPE_CHECKING:
    from tests.resources.automations.house import House

RECEIVED = {"type": "message.received"}
CLOSED = {"type": "hours", "is": "closed"}
TELL = {"type": "notify", "department": "front-desk"}
TASK = {"type": "create_task", "title": "Look after it", "department": "front-desk"}


def open_by_day(house: House) -> None:
    spans = [{"from": "08:00", "to": "12:00"}, {"from": "16:00", "to": "02:00"}]
    hours = dict.fromkeys(("monday", "tuesday", "thursday", "friday", "saturday"), spans)
    settings.put(house.db, "channels.web", {"hours": hours})  # type: ignore[dict-item]


def test_a_guest_who_returns_at_3_a_m_after_a_month_is_answered_once(house: House) -> None:
    open_by_day(house)
    guest = house.guest()
    house.answers(house.writes(guest))
    auto = house.sending(RECEIVED, text="We are asleep.", conditions=[CLOSED])
    house.at("2026-06-05 03:00")
    talk = house.writes(guest, "Are you there?")
    house.look()
    for minute in (1, 2, 3):
        house.at(f"2026-06-05 03:0{minute}")
        house.writes(guest, "Hello??")
        house.look()
    assert house.sent() == ["We are asleep."]
    waiting = conversations.get(house.db, talk)["waiting_since"]
    assert waiting is not None
    assert house.local(waiting) == "2026-06-05 03:00"
    assert house.runs(auto) == [("send_template", "done", None)]


def test_in_the_hours_it_is_silent_and_a_span_goes_past_midnight(house: House) -> None:
    open_by_day(house)
    house.sending(RECEIVED, text="We are asleep.", conditions=[CLOSED])
    for time in ("2026-05-01 11:59", "2026-05-02 01:59", "2026-05-01 16:00"):
        house.at(time)
        house.writes(house.guest())
        house.look()
    assert house.sent() == []
    for time in ("2026-05-01 12:00", "2026-05-02 02:00", "2026-05-03 09:00"):
        house.at(time)
        house.writes(house.guest())
        house.look()
    assert len(house.sent()) == 3


def test_it_is_answered_where_it_was_written(house: House) -> None:
    guest = house.guest(phone="+34600111222")
    talk = house.writes(guest, channel="whatsapp")
    house.look()
    house.sending(RECEIVED, channels=["email", "whatsapp"])
    house.answers(talk)
    house.writes(guest, channel="whatsapp")
    house.look()
    row = house.db.row("SELECT conversation_id FROM messages WHERE author_type = 'automation'")
    assert row["conversation_id"] == talk


def test_whoever_has_been_answered_meanwhile_is_left_alone(house: House) -> None:
    auto = house.sending(RECEIVED)
    house.answers(house.writes(house.guest()))
    house.look()
    assert (house.sent(), house.runs(auto)) == ([], [])


def test_what_was_written_before_it_was_switched_on_is_not_answered(house: House) -> None:
    guest = house.guest()
    house.writes(guest)
    house.sending(RECEIVED)
    house.look()
    house.at("2026-05-01 09:01")
    house.writes(guest)  # they wait already
    house.look()
    assert house.sent() == []


def test_automatic_mail_and_blocked_guests_begin_nothing(house: House) -> None:
    house.sending(RECEIVED)
    house.sending({"type": "conversation.created"})
    away = messages.create_inbound(house.db, guest_id=house.guest(), channel="email", content="I am away.", account="email", event_key="a1", details={"automatic": True})  # fmt: skip
    blocked = house.guest()
    guests.change(house.db, blocked, blocked=True)
    house.writes(blocked)
    house.look()
    assert house.sent() == []
    assert away["direction"] == "inbound"


def test_a_new_conversation_is_greeted_once(house: House) -> None:
    auto = house.sending({"type": "conversation.created"}, text="Thank you for writing.")
    guest = house.guest()
    talk = house.writes(guest)
    house.look()
    house.answers(talk)
    house.writes(guest)
    house.look()
    assert house.sent() == ["Thank you for writing."]
    assert len(house.runs(auto)) == 1


def test_who_waits_for_15_minutes_is_told_of_once(house: House) -> None:
    auto = house.doing({"type": "conversation.waiting", "minutes": 15}, TELL)
    talk = house.writes(house.guest())
    house.at("2026-05-01 09:14")
    house.look()
    assert house.runs(auto) == []
    house.at("2026-05-01 09:15")
    house.look()
    house.look()
    assert house.runs(auto) == [("notify", "done", None)]
    row = house.db.row("SELECT * FROM events WHERE type = 'automation.notified'")
    assert (row["conversation_id"], row["actor_id"]) == (talk, auto)
    house.answers(talk)
    house.writes(conversations.get(house.db, talk)["guest_id"] or "")
    house.at("2026-05-01 09:31")
    house.look()
    assert len(house.runs(auto)) == 2


def test_who_was_answered_in_time_is_not_told_of(house: House) -> None:
    auto = house.doing({"type": "conversation.waiting", "minutes": 15}, TELL)
    house.answers(house.writes(house.guest()))
    house.at("2026-05-01 10:00")
    house.look()
    assert house.runs(auto) == []


def test_a_late_task_is_judged_by_its_time_as_it_is(house: House) -> None:
    auto = house.doing({"type": "task.overdue", "minutes": 10}, TELL)
    due = clocks.later(house.db.now(), minutes=30)
    put_off, done, late = (make_task(house.db, due_at=due)["id"] for _ in range(3))
    tasks.change(house.db, put_off, due_at=clocks.later(due, hours=1))
    tasks.change(house.db, done, status="completed")
    house.at("2026-05-01 09:40")
    house.look()
    assert house.db.column("SELECT subject_id FROM automation_runs") == [late]
    assert house.runs(auto) == [("notify", "done", None)]


def test_only_tasks_of_the_department_and_priority_that_is_meant(house: House) -> None:
    conditions = [
        {"type": "department", "in": ["maintenance"]},
        {"type": "priority", "in": ["high", "urgent"]},
    ]
    auto = house.doing({"type": "task.completed"}, TELL, conditions=conditions)
    for department in ("maintenance", "housekeeping"):
        for priority in ("urgent", "low"):
            task = make_task(house.db, department=department, priority=priority)
            tasks.change(house.db, task["id"], status="completed", by=house.by)
    house.look()
    assert len(house.runs(auto)) == 1


def test_a_loop_of_tasks_ends(house: House) -> None:
    """Task completed, message and new task; the new one completed, and so on for ever."""
    auto = house.doing({"type": "task.completed"}, TASK)
    late = house.doing({"type": "task.overdue", "minutes": 0}, TASK)
    task = make_task(house.db, due_at=house.db.now())["id"]
    for hour in range(10, 20):
        house.look()
        house.at(f"2026-05-01 {hour}:00")
    for task in house.db.column("SELECT id FROM tasks"):
        tasks.change(house.db, task, status="completed", by=house.by)
    for _ in range(5):
        house.look()
    assert house.db.value("SELECT count(*) FROM tasks") == 3
    assert house.runs(late) == [
        ("create_task", "done", None),
        ("create_task", "skipped", "own_task"),
    ]
    assert house.runs(auto)[0] == ("create_task", "done", None)
    assert {reason for _, _, reason in house.runs(auto)[1:]} == {"own_task"}


def test_what_automations_do_begins_none(house: House) -> None:
    """A message of one makes a conversation, which would begin the other, which …"""
    house.sending({"type": "conversation.created"}, text="Hello")
    auto = house.sending({"type": "task.completed"}, text="It is done.")
    task = make_task(house.db, guest_id=house.guest())["id"]
    tasks.change(house.db, task, status="completed", by=house.by)
    for _ in range(5):
        house.look()
    assert house.sent() == ["It is done."]
    assert house.runs(auto) == [("send_template", "done", None)]


def test_it_assigns_and_tags_what_it_is_about(house: House) -> None:
    auto = house.doing(
        RECEIVED,
        {"type": "assign", "assignee": house.by},
        {"type": "tag", "tag": "wrote"},
        conditions=[{"type": "channel", "in": ["email"]}],
    )
    guest = house.guest(tags=["vip"])
    talk = house.writes(guest)
    house.look()
    assert conversations.get(house.db, talk)["assignee_id"] == house.by
    assert guests.get(house.db, guest)["tags"] == ["vip", "wrote"]
    who = house.db.column("SELECT actor_id FROM audit WHERE action IN ('conversation.assigned', 'guest.updated')")  # fmt: skip
    assert who == [auto, auto]


def test_a_rule_edited_while_it_waits_is_as_it_is_then(house: House) -> None:
    stay = house.stay()
    auto = house.sending({"type": "stay.checked_in", "minutes": 60})
    stays.change(house.db, stay, status="in_house")
    house.look()
    automations.change(house.db, auto, trigger={"type": "stay.checked_in", "minutes": 30})
    house.at("2026-05-01 09:30")
    house.look()
    assert len(house.sent()) == 1
    other = house.stay()
    stays.change(house.db, other, status="in_house")
    house.look()
    automations.change(house.db, auto, trigger=RECEIVED)
    house.at("2026-05-01 12:00")
    house.look()
    assert len(house.sent()) == 1


def test_a_deleted_automation_does_nothing_more(house: House) -> None:
    house.stay()
    auto = house.sending({"type": "stay.arrival", "days": -1, "at": "10:00"})
    automations.delete(house.db, auto)
    house.at("2026-05-01 10:00")
    house.look()
    assert house.sent() == []


def test_two_tags_of_one_automation_are_both_kept(house: House) -> None:
    tags = [{"type": "tag", "tag": tag} for tag in ("wrote", "VIP", "late")]
    house.doing(RECEIVED, *tags)
    guest = house.guest(tags=["vip"])
    house.writes(guest)
    house.look()
    assert guests.get(house.db, guest)["tags"] == ["vip", "wrote", "late"]


def test_a_task_that_was_opened_again_begins_nothing_until_it_is_done_anew(house: House) -> None:
    auto = house.doing({"type": "task.completed"}, TELL)
    task = make_task(house.db)["id"]
    for status in ("completed", "in_progress"):
        tasks.change(house.db, task, status=status, by=house.by)
    house.look()
    assert house.runs(auto) == []
    house.at("2026-05-01 09:30")
    tasks.change(house.db, task, status="completed", by=house.by)
    house.look()
    assert house.runs(auto) == [("notify", "done", None)]


def test_an_occasion_of_a_task_that_is_not_done_is_none(house: House) -> None:
    """As they were written down once for tasks that had been opened again."""
    auto = house.doing({"type": "task.completed"}, TELL)
    task = make_task(house.db)["id"]
    waiting.claim(house.db, auto, f"{task} None", task, house.db.now(), waits=True)
    house.look()
    assert house.runs(auto) == [("notify", "skipped", "task_changed")]
