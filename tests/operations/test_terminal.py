"""How far long work is: in place on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import pytest

from jack.operations import terminal
from jack.operations.terminal import Progress


def test_on_a_terminal_the_percentage_is_rewritten(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(terminal.sys.stderr, "isatty", lambda: True, raising=False)
    with Progress("Copying") as progress:
        for done in (1, 1, 2):
            progress(done, 2)
    output = capsys.readouterr().err
    assert output == "Copying …\rCopying … 50 %\rCopying … 100 %\rCopying … done   \n"


def test_work_that_stops_does_not_look_done(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(terminal.sys.stderr, "isatty", lambda: True, raising=False)
    with pytest.raises(KeyboardInterrupt), Progress("Copying"):
        raise KeyboardInterrupt
    assert capsys.readouterr().err == "Copying …\rCopying … stopped   \n"


def test_elsewhere_a_line_comes_now_and_then(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [0.0]
    monkeypatch.setattr(terminal.time, "monotonic", lambda: now[0])
    with Progress("Copying") as progress:
        for done in range(100):
            now[0] += 0.5
            progress(done, 100)
    output = capsys.readouterr().err.splitlines()
    assert output[0] == "Copying …"
    assert output[1:] == [
        "Copying … 19 %",
        "Copying … 39 %",
        "Copying … 59 %",
        "Copying … 79 %",
        "Copying … 99 %",
    ]


def test_nothing_of_nothing_is_no_fault(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress("Copying") as progress:
        progress(0, 0)
    assert capsys.readouterr().err == "Copying …\n"
