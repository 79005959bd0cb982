"""`bin/jack conformance`."""

from __future__ import annotations

import sys

import click

from jack.operations.terminal import say


@click.command()
@click.argument("url")
@click.option("--token", required=True, envvar="JACK_TOKEN", help="An administrator's token.")
@click.option("--staff-token", help="The token of somebody who is no administrator.")
@click.option("--conversation", help="The id of one that may be written into and closed.")
@click.option("--setting", default="hotel", show_default=True, help="The key of one that is there.")
def conformance(
    url: str, token: str, staff_token: str | None, conversation: str | None, setting: str
) -> None:
    """Does a server keep to the reference?

    Makes every call of the reference and prints a line for each: ok, or what differs. URL is any server, such as
    http://127.0.0.1:8000; it gets a guest, a task and a member of staff, and its rate limit is used up.
    """
    from jack.operations.conformance.run import Run  # here, because only this command needs httpx

    using = {"staff_token": staff_token, "conversation": conversation}
    sys.exit(int(not Run(url, token=token, tell=say, setting=setting, **using).everything()))
