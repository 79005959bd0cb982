-- Web Push: keys, subscriptions, what is to be pushed, and of what somebody wants to be told.

-- The keys by which push services know this Jack (VAPID).
CREATE TABLE push_keys (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    public_key TEXT NOT NULL,
    private_key BLOB NOT NULL,
    created_at TEXT NOT NULL
) STRICT;

-- Up to where all has been told: the last event, and the time up to which tasks were looked at that have become late.
CREATE TABLE push_place (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    event_seq INTEGER NOT NULL,
    due_at TEXT NOT NULL
) STRICT;

-- A browser in which somebody is told; it ends with the session it was made in.
CREATE TABLE push_subscriptions (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    staff_id TEXT NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    endpoint TEXT NOT NULL UNIQUE,
    p256dh TEXT NOT NULL,
    auth TEXT NOT NULL,
    language TEXT,
    user_agent TEXT,
    last_success_at TEXT,
    last_failure_at TEXT,
    failure TEXT,
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX push_subscriptions_of ON push_subscriptions (staff_id);
CREATE INDEX push_subscriptions_of_session ON push_subscriptions (session_id);
CREATE TRIGGER push_signed_out AFTER UPDATE OF revoked_at ON sessions WHEN new.revoked_at IS NOT NULL BEGIN
    DELETE FROM push_subscriptions WHERE session_id = new.id;
END;

-- What is to be pushed: one row for each subscription and thing, which what comes meanwhile takes over.
CREATE TABLE pushes (
    id TEXT PRIMARY KEY,
    subscription_id TEXT NOT NULL REFERENCES push_subscriptions (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    message_id TEXT,
    attempt INTEGER NOT NULL DEFAULT 0,
    next_attempt_at TEXT NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (subscription_id, subject_id)
) STRICT;
CREATE INDEX pushes_due ON pushes (subscription_id, next_attempt_at);

-- Of what somebody wants to be told; no row: of everything, at any hour.
CREATE TABLE notification_preferences (
    staff_id TEXT PRIMARY KEY REFERENCES staff (id) ON DELETE CASCADE,
    push TEXT NOT NULL CHECK (json_type(push) = 'array'),
    quiet_from TEXT,
    quiet_to TEXT,
    CHECK ((quiet_from IS NULL) = (quiet_to IS NULL))
) STRICT;
