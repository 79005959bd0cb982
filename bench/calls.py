"""The three calls that every server answers."""

import json

from bench.people import NEW_TASK
from bench.servers import Server
from bench.wrk import Call

ONE, LIST, POST = "GET one", "list of 20", "POST"
CALLS = (ONE, LIST, POST)
IDS_ASKED = 200


def call_of(server: Server, name: str) -> Call:
    """What is asked of this server."""
    if server.name == "hello":
        return Call(name, "GET", ("/",))
    if name == LIST:
        return Call(name, "GET", ("/api/v1/guests?limit=20",))
    if name == ONE:
        step = max(1, len(server.guests) // IDS_ASKED)
        return Call(name, "GET", tuple(f"/api/v1/guests/{id}" for id in server.guests[::step]))
    body = json.dumps({**NEW_TASK, "guestId": server.guests[len(server.guests) // 2]})
    return Call(name, "POST", ("/api/v1/tasks",), body)
