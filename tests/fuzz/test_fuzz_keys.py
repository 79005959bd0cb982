"""Invented requests by programs: with a key of each scope, and in sequences that follow the links of the description."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, CheckFunction, GenerationMode
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    ignored_auth,
    negative_data_rejection,
    positive_data_acceptance,
)

from jack.http.schema import camel
from jack.http.scopes import SCOPES as VOCABULARY
from tests.sweeps.hotel import Hotel
from tests.sweeps.scopes import SCOPES
from tests.sweeps.table import BY_NAME, Route

CASES = int(os.environ.get("JACK_FUZZ_CASES", "600"))
# What a request may be refused for that is right by the description is looked at in test_fuzz.py; the token is sent with each.
EXCLUDED: list[CheckFunction] = [positive_data_acceptance, negative_data_rejection, ignored_auth]
QUIETLY = {
    "deadline": None,
    "database": None,
    "suppress_health_check": list(HealthCheck),
}

pytestmark = pytest.mark.fuzz


@pytest.fixture(scope="module")
def hotel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotel]:
    made = Hotel(tmp_path_factory.mktemp("hotel"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def api(hotel: Hotel) -> BaseSchema:
    config = schemathesis.Config.from_dict({"generation": {"with-security-parameters": False}})
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", hotel.app, config=config)


def _routes(scope: str) -> list[Route]:
    """The routes that take this scope."""
    return [BY_NAME[name] for name, taken in SCOPES.items() if taken == scope]


@pytest.mark.parametrize("scope", [scope for scope in VOCABULARY if _routes(scope)])
def test_a_key_of_each_scope_gets_answers_that_are_described(
    scope: str, api: BaseSchema, hotel: Hotel
) -> None:
    headers = {"Authorization": f"Bearer {hotel.key_token(scope)}"}
    for route in _routes(scope):
        path = re.sub("<(.+?)>", lambda found: f"{{{camel(found[1])}}}", route.rule)
        operation = api[f"/api/v1{path}"][route.method]

        @settings(max_examples=max(1, CASES // 300), phases=[Phase.generate], **QUIETLY)
        @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
        def ask(case: Case) -> None:
            answer = case.call_and_validate(headers=headers, excluded_checks=EXCLUDED)
            assert answer.status_code not in (401, 403, 500), answer.text

        ask()


def test_sequences_by_a_key_with_every_scope_follow_the_links(
    api: BaseSchema, hotel: Hotel
) -> None:
    """What a request has made is asked for, changed and deleted by the ids in its answer."""
    token = hotel.key_token(*VOCABULARY)
    machine = api.as_state_machine()
    answered: list[int] = []

    class Program(machine):  # type: ignore[misc, valid-type]
        def get_call_kwargs(self, case: Case) -> dict[str, object]:
            return {"headers": {"Authorization": f"Bearer {token}"}}

        def validate_response(self, response: object, case: Case, **kwargs: object) -> None:
            answered.append(response.status_code)  # type: ignore[attr-defined]
            case.validate_response(response, excluded_checks=EXCLUDED)  # type: ignore[arg-type]

    Program.run(
        settings=settings(max_examples=max(2, CASES // 100), stateful_step_count=6, **QUIETLY)
    )
    assert 500 not in answered
    assert len(answered) > 10
