"""JACK_LOG=json: one object a line, a line a request, and nothing of whoever asked."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from jack.core import json_log


@pytest.fixture
def environment(environment: dict[str, str]) -> Iterator[dict[str, str]]:
    own, requests = logging.getLogger("jack"), logging.getLogger("jack.request")
    before = (own.handlers[:], own.propagate, requests.level)
    sign_in = logging.getLogger("jack.sign_in")
    handlers, formatters = sign_in.handlers[:], [one.formatter for one in sign_in.handlers]
    propagates = sign_in.propagate
    yield environment | {"JACK_LOG": "json"}
    own.handlers[:], own.propagate = before[0], before[1]
    requests.setLevel(before[2])
    sign_in.handlers[:], sign_in.propagate = handlers, propagates
    for one, formatter in zip(handlers, formatters, strict=True):
        one.setFormatter(formatter)


def lines(capsys: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_request_is_a_line_with_its_route_and_no_path(app: Flask, capsys: Any) -> None:
    capsys.readouterr()
    answer = app.test_client().get("/api/v1/guests/guest-of-some-name?search=Zoe")
    (line,) = lines(capsys)
    assert line["requestId"] == answer.headers["X-Request-Id"]
    assert (line["method"], line["status"]) == ("GET", 401)
    assert line["route"] == "/api/v1/guests/<guest_id>"
    assert line["ms"] >= 0
    assert line.keys() == {
        *("time", "level", "logger", "message"),
        *("requestId", "method", "route", "status", "ms"),
    }
    assert "some-name" not in json.dumps(line)
    assert "127.0.0.1" not in json.dumps(line)


def test_what_is_no_route_has_none(app: Flask, capsys: Any) -> None:
    capsys.readouterr()
    app.test_client().get("/zoe@example.com")
    (line,) = lines(capsys)
    assert (line["route"], line["status"]) == (None, 404)


def test_other_lines_are_objects_too_once_each(app: Flask, capsys: Any) -> None:
    capsys.readouterr()
    logging.getLogger("jack.worker").error("the %s failed\nbadly", "backup")
    logging.getLogger("jack.sign_in").info("sign-in ok")
    first, second = lines(capsys)
    assert (first["level"], first["message"]) == ("error", "the backup failed\nbadly")
    assert second["message"] == "sign-in ok"


def test_of_an_exception_only_its_type_and_place_are_written(app: Flask, capsys: Any) -> None:
    capsys.readouterr()
    try:
        raise ValueError("zoe@example.com")
    except ValueError:
        logging.getLogger("jack.worker").exception("it failed")
    (line,) = lines(capsys)
    assert (line["error"], "test_json_log" in line["where"]) == ("ValueError", True)
    assert "zoe@" not in line["where"].replace('raise ValueError("zoe@example.com")', "")


def test_it_is_begun_once(app: Flask, capsys: Any) -> None:
    json_log.init()
    capsys.readouterr()
    app.test_client().get("/healthz")
    assert len(lines(capsys)) == 1
