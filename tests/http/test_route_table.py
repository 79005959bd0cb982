"""A path leads to the route that Werkzeug would find for it, or to none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, RequestRedirect, Rule

from jack.http.route_table import Found, RouteTable

if TYPE_CHECKING:
    from flask import Flask

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def by_werkzeug(routes: Map, method: str, path: str) -> Found | None:
    try:
        rule, arguments = routes.bind("x").match(path, method, return_rule=True)
    except (HTTPException, RequestRedirect):
        return None
    return Found(rule, dict(arguments))


@pytest.fixture
def parts(app: Flask) -> list[str]:
    found = {part for rule in app.url_map.iter_rules() for part in rule.rule.split("/")}
    return sorted(part for part in found if "<" not in part)


@given(data=st.data())
@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_it_finds_what_werkzeug_finds(app: Flask, parts: list[str], data: st.DataObject) -> None:
    rule = data.draw(st.sampled_from(sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)))
    something = st.sampled_from([*parts, "guest-1", "x\n", "%2F", "é"]) | st.text(max_size=3)
    chosen = [
        data.draw(something) if part.startswith("<") or data.draw(st.integers(0, 9)) == 0 else part
        for part in rule.rule.split("/")[1:]
    ]
    path, method = "/" + "/".join(chosen), data.draw(st.sampled_from(METHODS))
    found = RouteTable(app.url_map.iter_rules()).find(method, path)
    expected = by_werkzeug(app.url_map, method, path)
    assert found is None or found == expected
    if expected is not None and expected.rule.rule not in ("/", "/static/<version>/<path:name>"):
        assert found == expected or "<version>/<colour>" in expected.rule.rule


@pytest.mark.parametrize(
    "rule",
    [
        Rule("/a/<int:n>", endpoint="x"),
        Rule("/a/<path:p>", endpoint="x"),
        Rule("/a/<string(length=2):n>", endpoint="x"),
        Rule("/a/<n>.css", endpoint="x"),
        Rule("/a/<n>/", endpoint="x"),
        Rule("/a/<n>", endpoint="x", redirect_to="/b"),
        Rule("/a/<n>", endpoint="x", subdomain="s"),
        Rule("/a/<n>", endpoint="x", websocket=True),
    ],
)
def test_what_is_more_than_text_between_slashes_is_left_to_werkzeug(rule: Rule) -> None:
    routes = Map([rule])
    assert RouteTable(routes.iter_rules()).find("GET", "/a/1") is None


def test_a_fixed_part_goes_before_a_variable_one() -> None:
    routes = Map(
        [
            Rule("/<a>/b", endpoint="one", methods=["GET"]),
            Rule("/a/<b>", endpoint="two", methods=["GET"]),
            Rule("/a/b", endpoint="three", methods=["POST"]),
        ]
    )
    table = RouteTable(routes.iter_rules())
    for method, path in (("GET", "/a/b"), ("POST", "/a/b"), ("GET", "/x/b"), ("GET", "/a/x")):
        assert table.find(method, path) == by_werkzeug(routes, method, path)
    assert table.find("GET", "/x/y") is None
