"""Invented requests, from the API's own description: whatever is sent, the answer is one that is described there.

`make test` makes some hundreds of them, `make fuzz` thousands (JACK_FUZZ_CASES says how many).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, assume, given, settings
from schemathesis import Case, CheckFunction, GenerationMode
from schemathesis.schemas import APIOperation, BaseSchema
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from jack.http.schema import camel
from jack.resources.auth import passwords
from jack.resources.exports.shapes import QUERIES
from tests.sweeps.hotel import Hotel, quick_hasher
from tests.sweeps.table import ROUTES, Route

CASES = int(os.environ.get("JACK_FUZZ_CASES", "600"))
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)

# What a valid request may still be refused for, because the description cannot say it: who is there, which departments
# the hotel has, which passwords are the commonest, what is a number people can call, what a known setting holds, which time
# is over; which fields of a message go together is said in words alone.
BEYOND_WORDS = {
    "POST /conversations/<conversation_id>/messages": {
        "content",
        "template",
        "templateId",
        "language",
        "attachmentIds",
        "sendAt",
        "cancelOnReply",
        "delaySeconds",
    },
    "PATCH /messages/<message_id>": {"content", "sendAt"},
    "GET /conversations/<conversation_id>/messages": {"around", "search"},
    "POST /push/subscriptions": {"endpoint", "keys"},
    "PUT /auth/me/notifications": {"quietFrom", "quietTo"},
    "POST /conversations": {"guestId"},
    "PUT /messages/<message_id>/reaction": {"emoji"},
    "PATCH /conversations/<conversation_id>": {"assignee", "snoozedUntil"},
    "POST /guests": {"phone", "consents"},
    "PATCH /guests/<guest_id>": {"phone", "consents"},
    "PUT /guests/by-external-id/<external_id>": {"name", "phone", "consents"},
    "POST /stays": {"departure", "guestId", "companions"},
    "PATCH /stays/<stay_id>": {"departure", "guestId", "companions"},
    "PUT /stays/by-external-id/<external_id>": {"arrival", "departure", "guestId", "companions"},
    "PUT /knowledge/by-external-id/<external_id>": {"title", "content", "category"},
    "POST /templates": {"texts", "whatsappTemplate"},
    "PATCH /templates/<template_id>": {"texts", "whatsappTemplate"},
    "POST /templates/<template_id>/preview": {
        "guestId",
        "conversationId",
        "stayId",
        "language",
    },
    "POST /automations": {"trigger", "conditions", "actions", "quietFrom", "quietTo"},
    "PATCH /automations/<automation_id>": {
        "trigger",
        "conditions",
        "actions",
        "quietFrom",
        "quietTo",
    },
    "POST /guests/<guest_id>/merge": {"guestId"},
    "POST /attachments": {"file", "conversationId"},
    "GET /guests": {"phone"},
    "GET /exports/guests": {"phone"},
    "GET /tasks": {"department"},
    "POST /tasks": {"department", "guestId", "conversationId", "assignee"},
    "PATCH /tasks/<task_id>": {"department", "guestId", "conversationId", "assignee"},
    "PUT /tasks/by-external-id/<external_id>": {
        "title",
        "department",
        "guestId",
        "conversationId",
        "assignee",
    },
    "GET /exports/tasks": {"department"},
    "POST /exports": {"filters"},
    "POST /imports/guests": {"file", "mapping"},
    "POST /imports/knowledge": {"file", "mapping"},
    "POST /imports/guests/preview": {"file", "mapping"},
    "POST /imports/knowledge/preview": {"file", "mapping"},
    "POST /imports/stays": {"file", "mapping"},
    "POST /imports/stays/preview": {"file", "mapping"},
    "GET /backups/<backup_id>/file": {"token"},
    "POST /webhooks": {"url", "events"},
    "PATCH /webhooks/<webhook_id>": {"url", "events"},
    "POST /api-keys": {"expiresAt"},
    "PATCH /api-keys/<key_id>": {"expiresAt"},
    "POST /staff": {"department"},
    "PATCH /staff/<staff_id>": {"department"},
    "PUT /settings/<key>": {"key", "value"},
    "PUT /auth/password": {"newPassword"},
    "POST /auth/accept-invite": {"password"},
    "POST /auth/setup": {"password"},
}

# Where a list is read on from a cursor: what goes with it is said in words alone, and so is of which order one is.
WITH_CURSOR = {"page", "sort", "order", "cursor"}

NOTHING_WRONG = {
    "GET /auth/me",
    "GET /auth/me/notifications",
    "GET /auth/totp",
    "GET /conversations/counts",
    "GET /push/key",
    "GET /watchdog",
}

pytestmark = pytest.mark.fuzz


@pytest.fixture(scope="module")
def hotel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotel]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", quick_hasher())
        made = Hotel(tmp_path_factory.mktemp("hotel"))
        yield made
        made.close()


@pytest.fixture(scope="module")
def api(hotel: Hotel) -> BaseSchema:
    # Tokens are ours to send; what becomes of those that are wrong is the business of the sweeps.
    config = schemathesis.Config.from_dict({"generation": {"with-security-parameters": False}})
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", hotel.app, config=config)


def _operation(api: BaseSchema, route: Route) -> APIOperation:
    path = re.sub("<(.+?)>", lambda found: f"{{{camel(found[1])}}}", route.rule)
    return api[f"/api/v1{path}"][route.method]


@pytest.mark.parametrize(
    ("route", "mode"),
    [
        pytest.param(route, mode, id=f"{route.name} {mode.value}")
        for route in ROUTES
        for mode in MODES
        # There is nothing in it that could be wrong.
        if mode is not GenerationMode.NEGATIVE or route.name not in NOTHING_WRONG
    ],
)
def test_every_answer_is_one_that_is_described(
    route: Route, mode: GenerationMode, api: BaseSchema, hotel: Hotel
) -> None:
    @settings(
        max_examples=max(1, round(CASES / len(ROUTES) / len(MODES))),
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=_operation(api, route).as_strategy(generation_mode=mode))
    def ask(case: Case) -> None:
        assume(case.path_parameters.get("exportId") not in QUERIES)  # that is another route
        headers, excluded = _credentials(route, hotel), _beyond_words(route, case)
        answer = case.call_and_validate(headers=headers, excluded_checks=excluded)
        if mode is GenerationMode.POSITIVE and answer.status_code == 400:
            found = {one["field"] for one in answer.json()["error"].get("details", ())}
            named = {name.removeprefix("changes.").partition(".")[0] for name in found}
            cursor = WITH_CURSOR if {"cursor", "order"} & case.query.keys() else set()
            assert named <= BEYOND_WORDS.get(route.name, set()) | cursor, answer.json()

    ask()


def _credentials(route: Route, hotel: Hotel) -> dict[str, str]:
    """Of somebody who may, with a session of their own where a request may end it."""
    token = hotel.standing(route.asker) if route.keeps_session else hotel.token(route.asker)
    return {"Authorization": f"Bearer {token}"} if token else {}


def _beyond_words(route: Route, case: Case) -> list[CheckFunction]:
    """The checks that ask more of the description than it can say.

    A bulk call is answered 200 for bad elements, too. And a parameter without a value does not get into the address, so
    that nothing wrong is sent. Nor does a value of another type get into a file: it is bytes like any others.
    """
    unsent = any(value in (None, [], {}) for value in case.query.values())
    tolerant = [negative_data_rejection] if route.bulk or route.sends or unsent else []
    return [positive_data_acceptance, *tolerant]
