-- Events by one vocabulary, which name the fields that have changed; and the audit log.

ALTER TABLE events ADD COLUMN changed TEXT NOT NULL DEFAULT '[]';

-- What was written of a message first says that it is new; what came later, how far it is.
UPDATE events
SET type = 'conversation.message.created', actor_id = coalesce(
    actor_id, (SELECT author_id FROM messages WHERE messages.id = subject_id AND author_type = 'guest'))
WHERE type = 'message.received';
UPDATE events
SET type = 'conversation.message.created'
WHERE type IN ('message.automatic', 'message.noted')
   OR (type = 'message.sent' AND EXISTS (SELECT 1 FROM messages WHERE messages.id = subject_id AND details ->> 'echo'))
   OR (type = 'message.queued'
       AND seq IN (SELECT min(seq) FROM events WHERE type = 'message.queued' GROUP BY subject_id));
UPDATE events SET type = 'conversation.message.updated' WHERE type = 'message.changed';
UPDATE events SET type = 'conversation.message.status', changed = '["status"]' WHERE type LIKE 'message.%';
UPDATE events
SET type = 'conversation.message.updated', changed = '["attachments"]',
    subject_id = coalesce((SELECT message_id FROM attachments WHERE attachments.id = subject_id), subject_id)
WHERE type LIKE 'attachment.%';
UPDATE events SET type = 'staff.updated', changed = '["password"]' WHERE type = 'staff.password_changed';
UPDATE events
SET type = replace(type, '.changed', '.updated')
WHERE type IN ('conversation.changed', 'task.changed', 'guest.changed', 'knowledge.changed', 'staff.changed', 'setting.changed');

CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    actor_id TEXT,                                       -- NULL: Jack itself, or a command
    action TEXT NOT NULL,                                -- an event's type, or a word such as sign_in.failed
    subject_type TEXT NOT NULL,
    subject_id TEXT,
    changed TEXT NOT NULL DEFAULT '[]',                  -- the names of fields, as a JSON array
    ip TEXT,
    request_id TEXT
) STRICT;
-- The only index, because each is paid for by every change; whoever filters otherwise walks the log from its newest row.
CREATE INDEX audit_by_subject ON audit (subject_id);

CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit log cannot be changed');
END;
-- INSERT OR REPLACE would delete a row without asking the trigger below.
CREATE TRIGGER audit_not_replaced BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE seq = new.seq) BEGIN
    SELECT RAISE(ABORT, 'the audit log cannot be changed');
END;
-- Kept for the days of the setting `audit`, 30 at least, whatever else it says.
CREATE TRIGGER audit_kept BEFORE DELETE ON audit
WHEN (old.at < strftime('%Y-%m-%dT%H:%M:%fZ', 'now', printf('-%d days', max(30, coalesce(
        (SELECT CAST(value ->> '$.days' AS INTEGER) FROM settings WHERE key = 'audit'), 365))))) IS NOT TRUE BEGIN
    SELECT RAISE(ABORT, 'the audit log is kept for the days of the setting audit');
END;
