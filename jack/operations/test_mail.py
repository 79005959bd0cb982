"""`bin/jack send-test-mail`: a letter to a member of staff, as guests get them, and what became of it step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from jack.channels import trial
from jack.operations.installation import configured, existing, opened
from jack.operations.terminal import CommandRefused, say
from jack.resources.channel_accounts.connection import connected
from jack.resources.staff import store as staff
from jack.worker import test_letter

if TYPE_CHECKING:
    from jack.channels.steps import Report

SECONDS = 30.0


@click.command()
@click.argument("email")
def send_test_mail(email: str) -> None:
    """Send a letter to a member of staff.

    As guests get them, by the settings of channels.email; each step is said, and what failed.
    """
    config = existing(configured(admin=False))
    with opened(config) as db:
        member = staff.id_of(db, email)
        if member is None:
            raise CommandRefused(f"No member of staff has the e-mail {email}.")
        account = connected(db, "email", config.base_url).account
        if account is None:
            raise CommandRefused("E-mail is not configured: Settings, Channels, E-mail.")
        tested = trial.run(account, SECONDS, _say, test_letter.to(db, member, account))
    if not tested.works:
        raise CommandRefused(f"It did not leave: {tested.message}")
    say(f"The letter to {email} has left. Whether it arrives is said by its mailbox only.")


def _say(report: Report) -> None:
    say(f"{'ok' if report['ok'] else 'WRONG':<6} {report['name']}: {report['message']}")
