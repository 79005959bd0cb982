-- What the watchdog has found to be out of order; when the last backup was made.

CREATE TABLE faults (
    kind TEXT NOT NULL CHECK (kind IN ('mailbox', 'channel', 'webhook', 'disk', 'backup', 'clock')),
    subject_id TEXT NOT NULL,
    since TEXT NOT NULL,
    ended_at TEXT,
    told_at TEXT,
    PRIMARY KEY (kind, subject_id)
) STRICT, WITHOUT ROWID;

ALTER TABLE instance ADD COLUMN backed_up_at TEXT;
