"""The manual page and the completion of shells, made from the commands' own texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from click.shell_completion import get_completion_class

from jack.core.version import __version__
from jack.operations.terminal import say

if TYPE_CHECKING:
    from collections.abc import Iterator

SHELLS = ("bash", "zsh", "fish")
FILES = """\
.SH FILES
.TP
.I instance/
the hotel's own files: database, signing key, backups, attachments (JACK_INSTANCE)
.TP
.I .env
settings, beside app.py; under systemd /etc/jack/jack.env
.SH SEE ALSO
README.md has the settings; /api/v1/docs the API."""


@click.command()
@click.pass_context
def man(context: click.Context) -> None:
    """Print the manual page.

    To read it: bin/jack man | man -l -
    """
    say(page(context.find_root()))


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion for a shell.

    For bash: bin/jack completion bash > /etc/bash_completion.d/jack
    """
    found = get_completion_class(shell)
    if found is not None:
        say(found(context.find_root().command, {}, "jack", "_JACK_COMPLETE").source())


def page(root: click.Context) -> str:
    """The manual page of a group of commands, in roff."""
    head = (
        f'.TH JACK 1 "" "jack {__version__}"',
        f".SH NAME\njack \\- {_roff(_first(root.command))}",
        ".SH SYNOPSIS\n.B jack\n.I COMMAND\n[ARGUMENTS]",
        ".SH COMMANDS",
    )
    return "\n".join((*head, *_commands(root, root.command), FILES))


def _commands(parent: click.Context, group: click.Command, above: str = "") -> Iterator[str]:
    """A paragraph for each command, those of groups within by their whole name."""
    for name, command in sorted(getattr(group, "commands", {}).items()):
        context = click.Context(command, info_name=name, parent=parent)
        if isinstance(command, click.Group):
            yield from _commands(context, command, f"{above}{name} ")
            continue
        pieces = " ".join(command.collect_usage_pieces(context)).replace("[OPTIONS] ", "")
        yield f".TP\n.B {above}{name}\n.I {_roff(pieces.replace('[OPTIONS]', ''))}".rstrip()
        yield _roff(" ".join((command.help or "").split()))
        for option in command.params:
            record = option.get_help_record(context)
            if record is not None and isinstance(option, click.Option) and option.name != "help":
                yield f".br\n.B {_roff(record[0])}\n{_roff(record[1])}"


def _first(command: click.Command) -> str:
    return (command.help or "").strip().splitlines()[0]


def _roff(text: str) -> str:
    """Text that roff takes as it is."""
    shown = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{shown}" if shown.startswith((".", "'")) else shown
