"""The calls that every server answers."""

import json
from typing import Any

from bench.native import POCKETBASE
from bench.people import NEW_TASK
from bench.servers import Server
from bench.wrk import Call

ONE, LIST, POST = "GET one", "list of 20", "POST"
CALLS = (ONE, LIST, POST)
LONG = "list of 100"  # of those that are compared in it
IDS_ASKED = 200
SIZES = {LIST: 20, LONG: 100}


def call_of(server: Server, name: str) -> Call:
    """What is asked of this server."""
    if server.name == "hello":
        return Call(name, "GET", ("/",))
    others = server.name == POCKETBASE
    guests = "/api/collections/guests/records" if others else "/api/v1/guests"
    if name in SIZES:
        asked = "perPage={}&sort=-createdAt,-id" if others else "limit={}"
        return Call(name, "GET", (f"{guests}?{asked.format(SIZES[name])}",))
    if name == ONE:
        step = max(1, len(server.guests) // IDS_ASKED)
        return Call(name, "GET", tuple(f"{guests}/{id}" for id in server.guests[::step]))
    body = json.dumps({**NEW_TASK, "guestId": server.guests[len(server.guests) // 2]})
    if others:
        return Call(name, "POST", ("/api/collections/tasks/records",), body)
    return Call(name, "POST", ("/api/v1/tasks",), body, expected=201)


def rows_and_total(server: Server, answer: Any) -> tuple[list[Any], int]:
    """What a list has answered."""
    if server.name == POCKETBASE:
        return answer["items"], answer["totalItems"]
    return answer["data"], answer["meta"]["total"]
