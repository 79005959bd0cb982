"""The API's description: valid, complete, and true of every answer. And the page to try it."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from marshmallow import ValidationError
from openapi_spec_validator import validate

from jack.core import errors
from jack.http.context import PREFIX
from jack.http.fields import MOMENT_PATTERN
from jack.http.schema import Schema, camel
from jack.openapi.document import path_of
from jack.openapi.examples.common import IDS
from jack.resources.auth import passwords
from jack.resources.guests.schemas import GuestCreate
from jack.resources.tasks.schemas import TaskCreate
from tests.checks import CODES, check_headers
from tests.commands import ROOT
from tests.described import JSON, Described
from tests.sweeps.hotel import Hotel, quick_hasher
from tests.sweeps.table import ROUTES, Route

# Clients are generated from these: a changed name breaks them.
OPERATIONS = """
    acceptInvite beginSecondFactor beginVisitorSession cancelImport changeApiKey
    changeAutomation changeConversation changeConversations changeEntry changeGuest
    changeMember changeMessage changePassword changeStay changeStays changeTask changeTasks
    changeTemplate changeWebhook confirmSecondFactor countConversations createApiKey
    createAttachment createAutomation createBackup createConversation createEntries
    createEntry createExport createGuest createGuests createMember createStay createStays
    createSubscription createTask createTasks createTemplate createWebhook deleteAutomation
    deleteEntry deleteStay deleteSubscription deleteTemplate deleteWebhook endSession
    eraseGuest exportAuditEntries exportConversations exportGuest exportGuests
    exportKnowledge exportMessages exportStays exportTasks getApiKey getAttachment
    getAutomation getBackup getBackupFile getChannelTest getConsents getConversation
    getCurrentUser getDescription getEntry getExport getExportFile getGuest getHandover
    getHealth getImport getImportErrors getMember getMessage getNotifications getOverview
    getPushKey getSecondFactor getSetting getSignedHandover getStay getSubscription getTask
    getTemplate getVisitorAttachment getWebhook importGuests importKnowledge importStays
    inviteMember listAllMessages listApiKeys listAuditEntries listAutomationRuns
    listAutomations listBackups listChannels listConversations listDeliveries
    listDueErasures listDuplicates listEntries listEvents listGuestMessages listGuests
    listMessages listSessions listSettings listStaff listStayFeeds listStays
    listSubscriptions listTasks listTemplates listVisitorMessages listWebhooks
    listWhatsappTemplates logIn logOut logOutEverywhere markConversationRead
    markConversationUnread markHandoverRead markVisitorMessagesRead mergeGuests
    previewAutomation previewGuests previewKnowledge previewStays previewTemplate
    putEntriesByExternalId putEntryByExternalId putGuestByExternalId putGuestsByExternalId
    putNotifications putSetting putStayByExternalId putStaysByExternalId putTaskByExternalId
    putTasksByExternalId redeliverDeliveries redeliverDelivery refreshToken releaseBackup
    removeSecondFactor requestPasswordReset resendMessage resetSecondFactor revokeApiKey
    rotateApiKey rotateWebhookSecret sendMessage sendTestLetter sendVisitorMessage
    setReaction setUpFirstAdmin signHandover takeBackMessage tellPresence testChannel
    testSubscription testWebhook undoMerge
"""
PUBLIC = {
    "acceptInvite",
    "beginVisitorSession",
    "getDescription",
    "logIn",
    "requestPasswordReset",
    "setUpFirstAdmin",
}
VISITORS = {
    "getVisitorAttachment",
    "markVisitorMessagesRead",
    "listVisitorMessages",
    "sendVisitorMessage",
}
NO_ENVELOPE = {
    "getDescription",
    "getAttachment",
    "getVisitorAttachment",
    "exportAuditEntries",
    "exportConversations",
    "exportGuest",
    "exportGuests",
    "exportKnowledge",
    "exportMessages",
    "exportStays",
    "exportTasks",
    "getBackupFile",
    "getExportFile",
    "getImportErrors",
}
REFERENCE = {
    "sendMessage": {"content": "Hello! How can I help you today?", "type": "text"},
    "changeConversation": {"status": "closed", "assignee": "staff-123"},
    "createGuest": {"name": "John Smith", "email": "[email protected]", "phone": "+15551234567"},
    "changeGuest": {"tags": ["vip", "returning"], "notes": "Prefers quiet room"},
    "createTask": {
        "title": "Extra towels for room 302",
        "description": "Guest requested 2 extra bath towels",
        "department": "housekeeping",
        "priority": "normal",
        "guestId": "guest-123",
    },
    "changeTask": {"status": "completed", "notes": "Delivered at 3:45 PM"},
    "createEntry": {
        "title": "Pool Hours",
        "content": "The pool is open daily from 6 AM to 10 PM...",
        "category": "amenity",
    },
    "changeEntry": {
        "title": "Pool Hours (Updated)",
        "content": "The pool is open daily from 7 AM to 9 PM...",
    },
    "createMember": {
        "name": "Jane Doe",
        "email": "[email protected]",
        "role": "staff",
        "department": "front-desk",
    },
}
every_route = pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)


@pytest.fixture(scope="module", autouse=True)
def _quick_passwords() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", quick_hasher())
        yield


@pytest.fixture(scope="module")
def hotel(tmp_path_factory: pytest.TempPathFactory, _quick_passwords: None) -> Iterator[Hotel]:
    made = Hotel(tmp_path_factory.mktemp("hotel"))
    yield made
    made.close()


@pytest.fixture
def hotel_for(hotel: Hotel, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The hotel in which a route can succeed: the first set-up needs an empty one."""
    made: list[Hotel] = []

    def choose(route: Route) -> Hotel:
        if route.staffed:
            return hotel
        made.append(Hotel(tmp_path_factory.mktemp("empty"), staffed=False))
        return made[-1]

    yield choose
    for empty in made:
        empty.close()


@pytest.fixture(scope="module")
def document(hotel: Hotel) -> dict[str, Any]:
    answer: dict[str, Any] = hotel.client.get(f"{PREFIX}/openapi.json").json
    return answer


@pytest.fixture(scope="module")
def described(document: dict[str, Any]) -> Described:
    return Described(document)


@pytest.fixture(scope="module")
def today(document: dict[str, Any]) -> Described:
    return Described(document, closed=True)


# ------------------------------------------------------------------------------------------------ the document


def test_it_is_valid_openapi(document: dict[str, Any]) -> None:
    validate(copy.deepcopy(document))
    assert document["openapi"].startswith("3.1.")


def test_every_route_is_described_and_nothing_else(hotel: Hotel, document: dict[str, Any]) -> None:
    served = {
        (path_of(rule.rule), method.lower())
        for rule in hotel.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(PREFIX) and not rule.rule.startswith(f"{PREFIX}/docs")
    }
    listed = {(path, method) for path, methods in document["paths"].items() for method in methods}
    assert listed == served


def test_operations_keep_their_names(described: Described) -> None:
    assert sorted(described.operations()) == OPERATIONS.split()


def test_every_operation_says_who_may_call_it(described: Described) -> None:
    for name, operation in described.operations().items():
        scheme = "visitor" if name in VISITORS else "staff"
        assert operation["security"] == ([] if name in PUBLIC else [{scheme: []}]), name
        assert operation["summary"]
        assert re.search(
            r"\b(everybody|visitors|staff|managers|administrators)\b", operation["description"]
        )


def test_every_operation_belongs_to_a_tag_that_is_explained(
    described: Described, document: dict[str, Any]
) -> None:
    tags = {tag["name"] for tag in document["tags"] if tag["description"]}
    assert {
        tag for operation in described.operations().values() for tag in operation["tags"]
    } == tags


def test_every_schema_has_a_name_of_its_own(document: dict[str, Any]) -> None:
    names = document["components"]["schemas"].keys()
    assert [name for name in names if re.search(r"\d$", name)] == []
    assert {"Session", "VisitorSession", "GuestAnswer", "GuestList", "GuestResult"} <= names


def parts(node: Any) -> Iterator[dict[str, Any]]:
    """Every object in a part of the document."""
    for inner in (
        node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    ):
        yield from parts(inner)
    if isinstance(node, dict):
        yield node


def test_vocabularies_of_answers_are_open_and_those_of_requests_closed(
    described: Described, document: dict[str, Any]
) -> None:
    schemas = document["components"]["schemas"]
    task, create = (schemas[name]["properties"]["status"] for name in ("Task", "TaskPatch"))
    assert task["type"] == "string"
    assert "enum" not in task
    assert task["x-extensible-enum"] == create["enum"]
    assert all(f"`{word}`" in task["description"] for word in create["enum"])
    sent = [
        content["schema"]["$ref"].rpartition("/")[2]
        for operation in described.operations().values()
        for content in operation.get("requestBody", {}).get("content", {}).values()
        if "$ref" in content["schema"]
    ]
    inside, left = set[str](), sent
    while left:  # what they hold, and what that holds
        refs = [part["$ref"] for name in left for part in parts(schemas[name]) if "$ref" in part]
        left = sorted({ref.rpartition("/")[2] for ref in refs} - inside)
        inside.update(left)
    answers = [schema for name, schema in schemas.items() if name not in {*sent, *inside}]
    assert len(answers) > 40
    assert [part for part in parts(answers) if "enum" in part] == []
    closed = [part for name in sent for part in parts(schemas[name]) if "enum" in part]
    assert len(closed) > 10


def test_success_is_a_plain_boolean(document: dict[str, Any]) -> None:
    """`enum: [true]` breaks clients that openapi-generator makes (its issue 9005)."""
    schemas = document["components"]["schemas"]
    found = [
        schema["properties"]["success"]
        for schema in schemas.values()
        if "success" in schema.get("properties", {})
    ]
    assert len(found) > 20
    assert all(
        {name for name in one if name != "description"} == {"type"} and one["type"] == "boolean"
        for one in found
    )


def test_the_result_of_one_element_is_one_object(document: dict[str, Any]) -> None:
    result = document["components"]["schemas"]["GuestResult"]
    assert result["required"] == ["success"]
    assert set(result["properties"]) == {"success", "data", "error"}
    assert "oneOf" not in result


def test_a_token_is_never_described_as_null(document: dict[str, Any]) -> None:
    assert document["components"]["schemas"]["Session"]["properties"]["token"] == {"type": "string"}


def test_input_refuses_what_it_does_not_name(described: Described) -> None:
    schemas = [
        described.resolved(operation["requestBody"]["content"][JSON]["schema"])
        for operation in described.operations().values()
        if JSON in operation.get("requestBody", {}).get("content", {})
    ]
    assert len(schemas) >= 20
    assert all(schema["additionalProperties"] is False for schema in schemas)


@pytest.mark.parametrize(
    ("name", "statuses"),
    [
        ("listGuests", "200 400 401 403 429 500 503"),
        ("getGuest", "200 304 400 401 403 404 410 429 500 503"),
        ("createGuest", "201 400 401 403 409 413 415 429 500 503"),
        ("changeGuest", "200 400 401 403 404 409 410 412 413 415 429 500 503"),
        ("eraseGuest", "200 400 401 403 404 410 412 413 415 429 500 503"),
        ("changeTask", "200 400 401 403 404 409 412 413 415 429 500 503"),
        ("putTaskByExternalId", "200 201 400 401 403 409 412 413 415 429 500 503"),
        ("createGuests", "200 400 401 403 409 413 415 429 500 503"),
        ("logIn", "200 400 401 409 413 415 429 500 503"),
        ("getSecondFactor", "200 304 400 401 403 429 500 503"),
        ("logOut", "200 400 401 403 409 413 415 429 500 503"),
        ("removeSecondFactor", "200 400 401 403 409 413 415 429 500 503"),
        ("sendVisitorMessage", "200 201 400 401 409 413 415 429 500 503"),
        ("getDescription", "200 304 429 500"),
    ],
)
def test_every_status_is_described(described: Described, name: str, statuses: str) -> None:
    assert sorted(described.operations()[name]["responses"]) == statuses.split()


def test_the_codes_of_details_are_listed_and_explained(document: dict[str, Any]) -> None:
    problem = document["components"]["schemas"]["Problem"]
    code = problem["properties"]["code"]
    assert sorted(problem["required"]) == ["code", "field", "message"]
    assert code["x-extensible-enum"] == list(errors.CODES)
    for name, meaning in errors.CODES.items():
        assert f"- `{name}`: {meaning}" in code["description"]
        assert f"| {name} | {meaning} |" in document["info"]["description"]


def test_what_may_be_null_says_so(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert schemas["Guest"]["properties"]["email"]["type"] == ["string", "null"]
    guest = schemas["Conversation"]["properties"]["guest"]
    assert guest == {"anyOf": [{"$ref": "#/components/schemas/GuestName"}, {"type": "null"}]}


def test_what_is_created_leads_to_what_can_be_done_with_it(described: Described) -> None:
    links = described.operations()["createGuest"]["responses"]["201"]["links"]
    assert links.keys() == {
        "getGuest",
        "changeGuest",
        "getConsents",
        "eraseGuest",
        "exportGuest",
        "listDuplicates",
        "listGuestMessages",
        "mergeGuests",
        "undoMerge",
    }
    assert links["getGuest"]["parameters"] == {"guestId": "$response.body#/data/id"}


def test_generators_find_a_schema_in_every_content_and_no_empty_links(
    described: Described,
) -> None:
    """Without a schema openapi-generator warns and returns nothing; an empty map of links is noise to all."""
    contents = 0
    for name, operation in described.operations().items():
        for status, response in operation["responses"].items():
            found = described.resolved(response)
            assert found.get("links") != {}, (name, status)
            for media_type, content in found.get("content", {}).items():
                assert content.get("schema"), (name, status, media_type)
                contents += 1
    assert contents > 200
    file = described.operations()["getAttachment"]["responses"]["200"]["content"]["image/png"]
    assert file["schema"] == {"type": "string", "format": "binary"}


# ------------------------------------------------------------------------------------------------ examples


def test_the_bodies_of_the_reference_are_examples(described: Described) -> None:
    for name, body in REFERENCE.items():
        examples = described.operations()[name]["requestBody"]["content"][JSON]["examples"]
        assert body in [example["value"] for example in examples.values()], name


def test_every_example_of_a_request_is_valid(described: Described) -> None:
    for name, operation in described.operations().items():
        if JSON in operation.get("requestBody", {}).get("content", {}):
            content = operation["requestBody"]["content"][JSON]
            for example in content["examples"].values():
                assert described.complaints(content["schema"], example["value"]) == [], name


def test_every_example_of_an_answer_is_valid(today: Described) -> None:
    for name, operation in today.operations().items():
        for status, response in operation["responses"].items():
            content = today.resolved(response).get("content", {}).get(JSON, {})
            if name in NO_ENVELOPE and status == "200":
                continue
            if status != "304":
                assert today.complaints(content["schema"], content["example"]) == [], (name, status)
            if int(status) >= 400:
                assert content["example"]["error"]["code"] == CODES[int(status)]


def test_examples_in_paths_look_like_ids(hotel: Hotel) -> None:
    for name in ("conversation_id", "guest_id", "task_id", "entry_id", "staff_id"):
        ours, real = (
            re.sub("[0-9a-f]", "0", text.partition("-")[2])
            for text in (IDS[name], getattr(hotel, name))
        )
        assert ours == real


# ------------------------------------------------------------------------------------------------ and the truth


@every_route
def test_what_it_takes_and_answers_is_what_is_described(
    route: Route, hotel_for: Any, today: Described
) -> None:
    hotel = hotel_for(route)
    sent = route.request(hotel)
    if route.takes and not route.bulk:
        schema = today.operation(route)["requestBody"]["content"][JSON]["schema"]
        assert today.complaints(schema, sent["json"]) == []
    answer = hotel.ask(route)
    assert answer.status_code == route.status
    today.check(route, answer)


WRONG: dict[str, dict[str, Any]] = {
    "a field": {"json": {"nonsense": True}},
    "a query": {"query_string": {"nonsense": "1"}},
    "JSON": {"json": None, "data": "{", "content_type": JSON},
    "a type": {"json": None, "data": "a=b", "content_type": "text/plain"},
    "a key": {"headers": {"Idempotency-Key": "é"}},
    "a version": {"headers": {"If-Match": '"x"'}},
}


@every_route
@pytest.mark.parametrize("wrong", WRONG.values(), ids=list(WRONG))
def test_the_answer_to_a_mistake_is_described(
    route: Route, wrong: dict[str, Any], hotel: Hotel, today: Described
) -> None:
    token = hotel.token(route.asker)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    valid = {} if wrong.get("json") else route.request(hotel)
    keywords = {**valid, **wrong, "headers": headers | wrong.get("headers", {})}
    today.check(route, hotel.send(route.method, route.url(hotel), **keywords))


@every_route
@pytest.mark.parametrize("who", ["anonymous", "bad", "staff", "visitor"])
def test_the_answer_to_strangers_is_described(
    route: Route, who: str, hotel: Hotel, today: Described
) -> None:
    token = hotel.token(who)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body = {"json": {"nonsense": True}}
    today.check(route, hotel.send(route.method, route.url(hotel), headers=headers, **body))


@pytest.mark.parametrize(
    "route",
    [route for route in ROUTES if route.variables() and "<external_id>" not in route.rule],
    ids=lambda route: route.name,
)
def test_the_answer_where_nothing_is_is_described(
    route: Route, hotel: Hotel, today: Described
) -> None:
    url = route.url(hotel, **dict.fromkeys(route.variables(), "none"))
    answer = hotel.send(route.method, url, who=route.asker, **route.request(hotel))
    assert answer.status_code == 404 or route.name == "PUT /settings/<key>"
    today.check(route, answer)


@every_route
def test_its_parameters_are_described(route: Route, described: Described) -> None:
    parameters = [described.resolved(given) for given in described.operation(route)["parameters"]]
    listed = {
        place: {p["name"] for p in parameters if p["in"] == place} for place in ("path", "query")
    }
    assert listed["path"] == {camel(name) for name in route.variables()}
    fields = route.asks().fields.values() if route.asks else ()
    assert listed["query"] == {field.data_key for field in fields}
    headers = {p["name"] for p in parameters if p["in"] == "header"}
    assert ("Idempotency-Key" in headers) == (route.method == "POST" and route.least != "public")
    assert "X-Request-Id" in headers


def test_what_may_repeat_is_described(described: Described) -> None:
    operation = described.operations()["listTasks"]
    status = next(p for p in operation["parameters"] if p.get("name") == "status")
    assert (status["style"], status["explode"], status["schema"]["type"]) == ("form", True, "array")


TEXTS = (
    "plain",
    " led by a blank",
    "tab\tinside",
    "\u3000indented",
    "𝒜 clef 𝄞",
    "",
    " ",
    "\u00a0",
    "two\nlines",
    "two\r\nlines",
    "bare\rreturn",
    "nul\x00",
    "escape\x1b",
    "\x85next line",
    "x" * 201,
    "a@b",
    "jane@example.com",
    "[email protected]",
    "jane doe@example.com",
    "two@at@signs",
    "en",
    "es-MX",
    "english!",
    "2026-05-01T15:00:00Z",
    "2026-05-01T15:00:00.123456+02:00",
    "2026-05-01 15:00:00Z",
    "2026-05-01T15:00:00",
    "1970-01-01T00:00:00Z",
    "1969-12-31T23:59:59Z",
    "9998-12-31T23:59:59+00:00",
    "9999-01-01T00:00:00Z",
    "2026-02-30T15:00:00Z",
    "2026-04-31T15:00:00Z",
    "2027-02-29T15:00:00Z",
    "2028-02-29T15:00:00Z",
    "2000-02-29T15:00:00Z",
    "2100-02-29T15:00:00Z",
)


@pytest.mark.parametrize("text", TEXTS, ids=repr)
@pytest.mark.parametrize(
    ("schema", "field"),
    [
        (GuestCreate, "name"),
        (GuestCreate, "email"),
        (GuestCreate, "notes"),
        (GuestCreate, "language"),
        (TaskCreate, "dueAt"),
        (TaskCreate, "room"),
    ],
)
def test_a_text_is_described_valid_where_it_is(
    described: Described, schema: type[Schema], field: str, text: str
) -> None:
    needed = {"name": "N"} if schema is GuestCreate else {"title": "T", "department": "d"}
    try:
        schema().load({**needed, field: text})
    except ValidationError:
        accepted = False
    else:
        accepted = True
    listed = described.document["components"]["schemas"][schema.__name__]["properties"][field]
    assert (described.complaints(listed, text) == []) == accepted


PAIRS = (
    {},
    {"folio": "4711", "gone": None, "emptied": ""},
    {"key": "two\nlines"},
    {"a blank": "x"},
    {"two\nlines": "x"},
    {"tab\t": "x"},
    {"": "x"},
    {"k" * 41: "x"},
    {"key": "v" * 501},
    {"key": "escape\x1b"},
    {"key": 7},
    {"key\x8a": "x"},
)


@pytest.mark.parametrize("pairs", PAIRS, ids=repr)
@pytest.mark.parametrize("field", ["metadata", "externalIds"])
def test_an_object_of_texts_is_described_valid_where_it_is(
    described: Described, field: str, pairs: dict[str, object]
) -> None:
    try:
        GuestCreate().load({"name": "N", field: pairs})
    except ValidationError:
        accepted = False
    else:
        accepted = True
    listed = described.document["components"]["schemas"]["GuestCreate"]["properties"][field]
    assert (described.complaints(listed, pairs) == []) == accepted


@pytest.mark.parametrize(
    ("operation", "name"),
    [
        ("listAuditEntries", "since"),
        ("listAuditEntries", "until"),
        ("exportMessages", "createdSince"),
        ("listGuests", "updatedSince"),
    ],
)
def test_a_time_in_a_query_is_described_as_any_other(
    described: Described, operation: str, name: str
) -> None:
    found = next(
        one for one in described.operations()[operation]["parameters"] if one.get("name") == name
    )
    assert (found["schema"]["format"], found["schema"]["pattern"]) == ("date-time", MOMENT_PATTERN)


# ------------------------------------------------------------------------------------------------ how it is served


def test_the_description_is_public_and_counted(app: Flask) -> None:
    first, second = (app.test_client().get(f"{PREFIX}/openapi.json") for _ in range(2))
    check_headers(first)
    assert (first.status_code, first.content_type) == (200, JSON)
    left = [int(answer.headers["X-RateLimit-Remaining"]) for answer in (first, second)]
    assert left[0] - left[1] == 1


def test_the_description_is_not_sent_twice(client: FlaskClient) -> None:
    path = f"{PREFIX}/openapi.json"
    tag = client.get(path).headers["ETag"]
    again = client.get(path, headers={"If-None-Match": tag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)


def test_the_page_takes_nothing_from_elsewhere(client: FlaskClient) -> None:
    page = client.get(f"{PREFIX}/docs")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    check_headers(page)
    assert len(page.headers.getlist("Content-Security-Policy")) == 1
    policy = dict(
        part.split(" ", 1) for part in page.headers["Content-Security-Policy"].split("; ")
    )
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert not re.search(rb"(src|href)=\"(https?:)?//|<script>|<style|\son\w+=", page.data)


def test_the_files_of_the_page_are_kept_for_ever(client: FlaskClient) -> None:
    page = client.get(f"{PREFIX}/docs").get_data(as_text=True)
    files = re.findall(r'(?:src|href)="(docs/[^"]+)"', page)
    assert len(files) == 6
    for name in files:
        answer = client.get(f"{PREFIX}/{name}")
        check_headers(answer)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        answer.close()


def test_the_description_leads_to_what_is_stable(client: FlaskClient) -> None:
    described = client.get(f"{PREFIX}/openapi.json").json["info"]["description"]
    assert "[What of this is stable](docs/policy)" in described
    policy = client.get(f"{PREFIX}/docs/policy")
    assert policy.content_type == "text/plain; charset=utf-8"
    text = policy.get_data(as_text=True)
    assert text == (ROOT / "docs" / "api-policy.md").read_text(encoding="utf-8")
    for promised in ("Deprecation", "Sunset", "six months", "Changelog of the API"):
        assert promised in text
    assert "docs/api-policy.md" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "path", ["old/start.js", "{version}/index.html", "{version}/swagger-ui.js"]
)
def test_no_other_file_is_there(client: FlaskClient, path: str) -> None:
    version = re.search(r"docs/(\w+)/", client.get(f"{PREFIX}/docs").get_data(as_text=True))
    assert version
    answer = client.get(f"{PREFIX}/docs/{path.format(version=version[1])}")
    assert (answer.status_code, answer.json["error"]["code"]) == (404, "NOT_FOUND")
