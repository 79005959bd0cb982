"""Why an action is not done: a word for programs, and a sentence for the people who read the runs."""

from __future__ import annotations

from typing import NamedTuple


class Skip(NamedTuple):
    """Why an action is not done."""

    reason: str
    because: str


TOO_LATE = Skip("too_late", "It would have been over six hours late.")
NO_GUEST = Skip("no_guest", "Nobody is named as its guest, or the guest was erased.")
BLOCKED = Skip("guest_blocked", "The guest is blocked: only the staff themselves write to them.")
NO_TEMPLATE = Skip("no_template", "The template was deleted.")
ALREADY_SENT = Skip("already_sent", "The guest has been sent this for this stay already.")
AUTOMATIC = Skip("automatic_mail", "Only a program has written, and programs are not answered.")
NO_CHANNEL = Skip("no_channel", "The guest can be reached on none of the channels.")
NO_CONSENT = Skip(
    "no_consent", "The guest has neither written on WhatsApp nor agreed to be written to there."
)
OWN_TASK = Skip("own_task", "The task was made by an automation, which makes no further one of it.")
NO_CONVERSATION = Skip("no_conversation", "The guest has no conversation to assign.")
NOT_ACTIVE = Skip("not_active", "Nobody who is named is an active member of staff.")
ANSWERED = Skip("answered", "The guest had been answered meanwhile.")
CANCELLED = Skip("stay_cancelled", "The stay was cancelled, or its guest did not come.")
MOVED = Skip("stay_moved", "The stay was moved to another day.")
LEFT = Skip("guest_left", "The guest has left, or will have by then.")
TAKEN_BACK = Skip("taken_back", "The check-in or check-out was taken back.")
TASK_CHANGED = Skip("task_changed", "The task was done, cancelled or put off meanwhile.")
OTHER_GUEST = Skip("other_guest", "It was for another guest, who is no longer named there.")
GONE = Skip("gone", "What it was for has been deleted.")
OFF = Skip("switched_off", "The automation was switched off or deleted before it left.")


def per_day(most: int) -> Skip:
    """The guest has been sent as much as they may be in a day."""
    times = "once" if most == 1 else f"{most} times"
    return Skip("per_guest_per_day", f"Automations have written to the guest {times} that day.")


def missing(names: list[str]) -> Skip:
    """Places of the template that have no value."""
    return Skip("missing_value", f"No value for {', '.join(names)}.")
