-- Of what somebody is told by e-mail and on the page. Whoever has chosen keeps what they chose for pushes; the page tells as it did.
ALTER TABLE notification_preferences ADD COLUMN email TEXT NOT NULL DEFAULT '[]' CHECK (json_type(email) = 'array');
ALTER TABLE notification_preferences ADD COLUMN page TEXT NOT NULL
    DEFAULT '["guest_mine","guest_unassigned","guest_other","task_mine","task_department","task_urgent","mention","health"]'
    CHECK (json_type(page) = 'array');

-- What somebody is to be told by e-mail: one row for each thing, gathered into one mail.
CREATE TABLE notification_mails (
    id TEXT PRIMARY KEY,
    staff_id TEXT NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    message_id TEXT,
    attempt INTEGER NOT NULL DEFAULT 0,
    next_attempt_at TEXT NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (staff_id, subject_id)
) STRICT;
CREATE INDEX notification_mails_due ON notification_mails (next_attempt_at);
