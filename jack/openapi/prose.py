"""What the API's description says in prose."""

from __future__ import annotations

from jack.core.errors import CODES
from jack.http.access import ADMIN, MANAGER, PUBLIC, STAFF, VISITOR
from jack.http.scopes import ANY_KEY, NOT_FOR_KEYS, OPEN, SCOPES

TITLE = "Jack"
SUMMARY = "The guest-messaging backend a small hotel hosts itself."
LICENSE = {"name": "MIT", "identifier": "MIT"}
CONTACT = {"name": "The hotel that runs this Jack"}

ABOUT = """\
Conversations, guests, stays, tasks, knowledge, templates, automations, staff and settings of a hotel. JSON in, JSON out, in UTF-8.

[What of this is stable](docs/policy), and what is done before anything goes: names, types, status codes and reasons stay;
answers may get new fields and new values; what goes is announced for six months by the headers `Deprecation` and `Sunset`.

## Response format
Every answer is `{"success": true, "data": …}`; a list adds `meta`. Every error looks like this:

```json
{
  "success": false,
  "error": {
    "code": "VALIDATION_ERROR",
    "message": "name: Missing data for required field.",
    "requestId": "5b0f0f7c6f1e4d2a9c8b7a65",
    "details": [{"field": "name", "message": "Missing data for required field.", "code": "required"}]
  }
}
```

`details` names the fields that are wrong, each with a `code` for programs (listed below); a `reason` is there where programs
need more than the error's code. A request to a guest who was merged into another is 410 with `reason: "merged"` and the other's id
as `mergedInto`. Times are RFC 3339 in
UTC, ids are opaque strings. `X-Request-Id` on every answer finds the request in the log.

## Signing in
`POST /auth/login` answers a token. Send it with every request: `Authorization: Bearer <token>`. Visitors of the web chat
have tokens of their own, which open nothing else. Jack's own page signs in with `X-Jack-Page: 1` and gets the token as a
cookie instead, which opens only requests with that header and without `Authorization`.

Who has a second factor (`/auth/totp`) adds a code of their authenticator app, or a recovery code, as `totp`; to the right
password without one the answer is 401 with `reason: "totp_required"`. Where the setting `security` asks for a second factor
(`requireTotp`), whoever has none can set one up and do nothing else: 403 with `reason: "totp_setup_required"`.

## API keys
A program of your own has a key: an administrator makes it (*Settings → Developers → Integrations*, or `POST /api-keys`) and the program sends its
token, `jack_` and 49 letters and digits, as `Authorization: Bearer jack_…`. A key has no role; its scopes say what it may:
`<resource>:read` and `<resource>:write`, which includes reading. Every operation names its scope in `x-required-scope`:

- `guests:read` and the like: a key without it is answered 403 with `reason: "scope_missing"`;
- `{what}:read`: the scope of what the path names;
- `any`: every key may, or what the request is about decides;
- `not_for_keys`: no key may, 403 with `reason: "not_for_keys"`;
- `public`: nobody needs to sign in.

What a key writes says so: `author.type` is `integration`, and events name the key. Its budgets are its own. `POST /api-keys/:id/rotate` gives it
a new token while the old one lives on for a while; `POST /api-keys/:id/revoke` ends it with its next request.

Scopes: SCOPE_LIST.

## Pagination
Lists take `page` and `limit` (20 unless given, at most 100) and answer `meta: {page, limit, total, pages}`. A page past
the end is empty. Those with `cursor` are read on from one, for ever: empty at first, then the `meta.cursor` of the answer before; `meta.hasMore` says
whether to ask at once. With `order=changed` the rows come in the order of their last change, deleted ones as `{id, deleted: true}`.

## Changing
`PATCH` changes what it names; `null` clears. Unknown fields and unknown query parameters are errors.
An answer's `ETag` sent back as `If-Match` makes sure that nobody has changed the resource in between (412), and as
`If-None-Match` saves reading it again (304). What changes by itself is no part of it, and no event: `lastUsedAt` and `lastUsedIp` of an API
key, `lastSuccessAt` and `lastFailureAt` of a webhook, `lastSeenAt` of staff, `overdue` of a task, `presence` of a conversation. An `Idempotency-Key` on any `POST` of somebody signed in makes it safe to repeat for 24 hours: the
first answer is sent again, with `Idempotency-Replayed: true`.

## Records of other programs
Guests, stays, tasks and knowledge entries have an `externalId`: what another program calls them. `PUT /guests/by-external-id/:externalId`
creates a guest or changes the one who has it; what is left out stays as it is. A guest may have one for each source, such as
`pms:4711`. `metadata` (guests, stays, conversations, tasks) holds what programs note, and is merged key by key: `null` removes a key.

## Webhooks
What happens is sent to your own programs, to the addresses of `POST /webhooks`, as `{id, seq, type, event, timestamp, actor, changed, data}`: the types are
those of `GET /events`, `actor` is who did it (leave what your own key did), `data` the resource; of `conversation.message.created`
`{conversationId, message, guest, conversation}`. Signed by Standard Webhooks 1.0 (`webhook-id`, `webhook-timestamp`, `webhook-signature`), and by
`X-Jack-Signature`, `sha256=` and the hex HMAC-SHA-256 of the body with the whole secret. Answer 2xx within 15 seconds. Each event comes at least once, a repeat
with the same `webhook-id`; what you have missed is in `GET /events?after=<the last seq you have>`. Receivers to copy from are in `docs/integrations/` of
Jack's source.

## Rate limits
100 requests a minute for each signed-in caller, or for each address when nobody is signed in; 10 a minute for bulk
operations. An API key has budgets of its own (`rateLimit`, `rateLimitBulk`), and so has the staff page, 600 a minute for each person. `X-RateLimit-Limit`, `X-RateLimit-Remaining` and `X-RateLimit-Reset` (epoch seconds) are on every answer.
The hotel may have set other limits.

## Error codes
| Status | Code | Description |
|---|---|---|
| 400 | VALIDATION_ERROR | Invalid request data |
| 401 | UNAUTHORIZED | Missing or invalid auth |
| 403 | FORBIDDEN | Insufficient permissions |
| 404 | NOT_FOUND | Resource doesn't exist |
| 405 | METHOD_NOT_ALLOWED | No such method here; `Allow` has those there are |
| 409 | CONFLICT | Contradicts what is there; of a duplicate, `existingId` is there already |
| 410 | GONE | The guest was merged into another, `mergedInto` |
| 412 | PRECONDITION_FAILED | Changed since it was read |
| 413 | PAYLOAD_TOO_LARGE | Body over 256 KiB, bulk over 2 MiB, a file over 16 MiB, one to import over 50 MiB |
| 415 | UNSUPPORTED_MEDIA_TYPE | Body is not `application/json` (a file: `multipart/form-data`) |
| 429 | RATE_LIMITED | Too many requests; `Retry-After` has the seconds |
| 500 | INTERNAL_ERROR | Server error |
| 503 | UNAVAILABLE | The database cannot take this now; `Retry-After` has the seconds |

## Codes of details
Every item of `details` has one of these. They never change their meaning; there may be new ones.

| Code | Meaning |
|---|---|
""" + "".join(f"| {code} | {meaning} |\n" for code, meaning in CODES.items())
ABOUT = ABOUT.replace("SCOPE_LIST", ", ".join(f"`{scope}`" for scope in SCOPES))

FOR_WHOM = {
    PUBLIC: "Open to everybody.",
    VISITOR: "For the web chat's visitors, with a visitor's token.",
    STAFF: "For all signed-in staff.",
    MANAGER: "For managers and administrators.",
    ADMIN: "For administrators only.",
}
FOR_KEYS = {
    ANY_KEY: "For every API key.",
    NOT_FOR_KEYS: "Not for API keys.",
}
WITH_SCOPE = "For API keys with the scope `{}`."
BULK = "Counts against the bulk limit; the body may have 2 MiB."
BULK_FILE = "Counts against the bulk limit."


def for_keys(scope: str | None) -> str:
    """What the description of an operation says of API keys; nothing where nobody has to sign in."""
    if scope == OPEN:
        return ""
    said = NOT_FOR_KEYS if scope is None else scope
    return FOR_KEYS.get(said, WITH_SCOPE.format(said))


SECURITY = {
    "staff": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT or API key",
        "description": "The token of `POST /auth/login`, `/auth/refresh`, `/auth/accept-invite` or `/auth/setup`; or of an API key (`jack_…`).",
    },
    "visitor": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "opaque",
        "description": "The token of `POST /webchat/sessions`. It opens the visitor's own chat and nothing else.",
    },
}

IN_PATH = {
    "conversation_id": "Which conversation",
    "guest_id": "Which guest",
    "stay_id": "Which stay",
    "task_id": "Which task",
    "entry_id": "Which entry",
    "template_id": "Which template",
    "automation_id": "Which automation",
    "staff_id": "Which member of staff",
    "session_id": "Which of one's own sessions",
    "key": "Which setting",
    "channel": "Which channel: `whatsapp`, `sms`, `email` or `web`",
    "message_id": "Which message",
    "attachment_id": "Which file",
    "handover_id": "Which handover",
    "merge_id": "Which merge",
    "external_id": "What another program calls it; of a guest also `source:id`",
    "test_id": "Which test",
    "export_id": "Which export",
    "backup_id": "Which backup",
    "import_id": "Which import",
    "key_id": "Which API key",
    "webhook_id": "Which webhook",
    "delivery_id": "Which delivery",
    "subscription_id": "Which of one's own subscriptions",
}
