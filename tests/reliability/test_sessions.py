"""What is done to a member's session or role acts on the next request, in every process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from tests.reliability.client import Answer, Client
from tests.reliability.conftest import serving
from tests.reliability.server import ADMIN, Server

pytestmark = [pytest.mark.system, pytest.mark.alone]

ENTRY = {"title": "Pool", "content": "Open from 6 to 10.", "category": "amenity"}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """Four processes, without the background work: they will be held and let go one by one."""
    with serving(workers=4, settings={"JACK_WORKER": "0"}) as started:
        yield started


def everywhere(server: Server, call: Callable[[], Answer]) -> list[int]:
    """The status of the same call in every one of the processes."""
    found = []
    for pid in server.children():
        with server.only(pid):
            found.append(call().status)
    return found


def known(server: Server, client: Client) -> None:
    """Every process has seen this member's token, and remembers its signature."""
    assert everywhere(server, lambda: client.get("/auth/me")) == [200] * 4


def test_signing_out(server: Server) -> None:
    admin = server.sign_in()
    known(server, admin)
    assert admin.post("/auth/logout").status == 200
    assert everywhere(server, lambda: admin.get("/auth/me")) == [401] * 4
    assert admin.get("/auth/me").json()["error"]["reason"] == "token_revoked"


def test_a_new_token_is_the_end_of_the_old_one(server: Server) -> None:
    old = server.sign_in()
    known(server, old)
    new = Client(server.port, old.post("/auth/refresh").data["token"])
    known(server, new)
    assert everywhere(server, lambda: old.get("/auth/me")) == [401] * 4


def test_a_deactivation(server: Server) -> None:
    admin = server.sign_in()
    id, member = server.hire(admin, "staff", "Anna")
    known(server, member)
    assert admin.patch(f"/staff/{id}", {"active": False}).status == 200
    assert everywhere(server, lambda: member.get("/auth/me")) == [401] * 4
    assert admin.patch(f"/staff/{id}", {"active": True}).status == 200
    assert everywhere(server, lambda: member.get("/auth/me")) == [401] * 4


def test_a_new_role(server: Server) -> None:
    admin = server.sign_in()
    id, member = server.hire(admin, "staff", "Berta")
    known(server, member)
    assert everywhere(server, lambda: member.post("/knowledge", ENTRY)) == [403] * 4
    assert admin.patch(f"/staff/{id}", {"role": "manager"}).status == 200
    assert everywhere(server, lambda: member.post("/knowledge", ENTRY)) == [201] * 4
    assert admin.patch(f"/staff/{id}", {"role": "staff"}).status == 200
    assert everywhere(server, lambda: member.post("/knowledge", ENTRY)) == [403] * 4


def test_a_new_password(server: Server) -> None:
    admin = server.sign_in()
    _, mine = server.hire(admin, "staff", "Sam")
    other = server.sign_in("sam@hotel.example")
    known(server, other)
    change = {"currentPassword": ADMIN["password"], "newPassword": "another horse battery"}
    assert mine.put("/auth/password", change).status == 200
    assert everywhere(server, lambda: other.get("/auth/me")) == [401] * 4
    known(server, mine)


def test_an_invitation_for_a_forgotten_password(server: Server) -> None:
    admin = server.sign_in()
    id, member = server.hire(admin, "staff", "Carl")
    known(server, member)
    invite = admin.post(f"/staff/{id}/invite").data
    accepted = server.nobody().post(
        "/auth/accept-invite", {"token": invite["token"], "password": "another horse battery"}
    )
    assert accepted.status == 200
    assert everywhere(server, lambda: member.get("/auth/me")) == [401] * 4


def test_no_request_begun_after_the_deactivation_gets_through(server: Server) -> None:
    """Under load, in whatever process it lands."""
    admin = server.sign_in()
    id, member = server.hire(admin, "staff", "Dora")
    seen: list[tuple[float, int]] = []
    stopped = threading.Event()

    def knock() -> None:
        while not stopped.is_set():
            began = time.monotonic()
            seen.append((began, member.get("/guests").status))

    threads = [threading.Thread(target=knock, daemon=True) for _ in range(6)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    assert admin.patch(f"/staff/{id}", {"active": False}).status == 200
    answered = time.monotonic()
    time.sleep(0.5)
    stopped.set()
    for thread in threads:
        thread.join()
    assert 200 in {status for began, status in seen if began < answered}
    assert {status for began, status in seen if began >= answered} == {401}
