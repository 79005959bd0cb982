-- Outgoing webhooks: where events are sent, and what became of each.

CREATE TABLE webhooks (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL,
    events TEXT NOT NULL CHECK (json_type(events) = 'array'),
    description TEXT,
    include_notes INTEGER NOT NULL DEFAULT 0 CHECK (include_notes IN (0, 1)),
    enabled INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    disabled_reason TEXT,
    told_at TEXT,
    secret BLOB NOT NULL,
    secret_hint TEXT NOT NULL,
    old_secret BLOB,
    old_secret_until TEXT,
    failures INTEGER NOT NULL DEFAULT 0,
    failing_since TEXT,
    last_success_at TEXT,
    last_failure_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CHECK (disabled_reason IS NULL OR NOT enabled),
    CHECK ((old_secret IS NULL) = (old_secret_until IS NULL))
) STRICT;

CREATE TABLE webhook_deliveries (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    event_seq INTEGER NOT NULL,
    event TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'delivered', 'failed')),
    attempt INTEGER NOT NULL DEFAULT 0,
    next_attempt_at TEXT,
    body TEXT,
    request_headers TEXT CHECK (request_headers IS NULL OR json_type(request_headers) = 'object'),
    response_status INTEGER,
    response_body TEXT,
    error TEXT,
    duration_ms INTEGER,
    created_at TEXT NOT NULL,
    CHECK ((status = 'pending') = (next_attempt_at IS NOT NULL))
) STRICT;
CREATE INDEX webhook_deliveries_of ON webhook_deliveries (webhook_id, status);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_id, next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX webhook_deliveries_of_event ON webhook_deliveries (event_seq);
