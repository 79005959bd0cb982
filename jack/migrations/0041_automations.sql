-- What Jack does by itself: messages, tasks, notifications.

-- What Jack does by itself, and when. `trigger`, `conditions` and `actions` are as the API has them, in snake case.
CREATE TABLE automations (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    enabled INTEGER NOT NULL DEFAULT 0 CHECK (enabled IN (0, 1)),
    trigger TEXT NOT NULL CHECK (json_type(trigger) = 'object'),
    conditions TEXT NOT NULL DEFAULT '[]' CHECK (json_type(conditions) = 'array'),
    actions TEXT NOT NULL CHECK (json_type(actions) = 'array'),
    per_guest_per_day INTEGER NOT NULL DEFAULT 3,
    quiet_from TEXT,                                     -- HH:MM of the hotel's clock
    quiet_to TEXT,
    enabled_at TEXT,                                     -- since when it is on: what was due before is not done, …
    enabled_seq INTEGER,                                 -- … nor what happened up to this event
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    changed_seq INTEGER,                                 -- its place in the order of the last change; set by triggers
    CHECK ((quiet_from IS NULL) = (quiet_to IS NULL)),
    CHECK (enabled = (enabled_at IS NOT NULL) AND enabled = (enabled_seq IS NOT NULL))
) STRICT;
CREATE INDEX automations_by_name ON automations (name);

-- What an automation has been begun for, once each, over all processes and kills; written with all that it does.
CREATE TABLE automation_occasions (
    automation_id TEXT NOT NULL REFERENCES automations (id) ON DELETE CASCADE,
    occasion TEXT NOT NULL,                              -- the stay and its date, the conversation and since when it waits, …
    subject_id TEXT NOT NULL,                            -- of the stay, conversation or task
    due_at TEXT NOT NULL,
    since TEXT,                                          -- when it happened, where it is due some minutes later
    waits INTEGER NOT NULL CHECK (waits IN (0, 1)),      -- for its time, or for the end of the quiet hours
    PRIMARY KEY (automation_id, occasion)
) STRICT, WITHOUT ROWID;
CREATE INDEX automation_occasions_due ON automation_occasions (due_at) WHERE waits;

-- What has come of each action, kept a year.
CREATE TABLE automation_runs (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    automation_id TEXT NOT NULL REFERENCES automations (id) ON DELETE CASCADE,
    occasion TEXT NOT NULL,
    at TEXT NOT NULL,
    subject_type TEXT NOT NULL CHECK (subject_type IN ('stay', 'conversation', 'task')),
    subject_id TEXT NOT NULL,
    guest_id TEXT REFERENCES guests (id) ON DELETE SET NULL,
    action TEXT NOT NULL,
    result TEXT NOT NULL CHECK (result IN ('done', 'skipped', 'failed')),
    reason TEXT,                                         -- why it is not done, in one word
    because TEXT,                                        -- … and in a sentence
    message_id TEXT REFERENCES messages (id) ON DELETE SET NULL,
    task_id TEXT REFERENCES tasks (id) ON DELETE SET NULL,
    told TEXT CHECK (told IS NULL OR json_type(told) = 'array')          -- the ids of the staff who are notified
) STRICT;
CREATE INDEX automation_runs_of ON automation_runs (automation_id, seq);
CREATE INDEX automation_runs_by_time ON automation_runs (at);
CREATE INDEX automation_runs_of_subject ON automation_runs (subject_id, automation_id) WHERE message_id IS NOT NULL;
CREATE INDEX automation_runs_of_guest ON automation_runs (guest_id, at) WHERE guest_id IS NOT NULL;
CREATE INDEX automation_runs_of_message ON automation_runs (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX automation_runs_of_task ON automation_runs (task_id) WHERE task_id IS NOT NULL;

-- How far automations have come.
CREATE TABLE automation_place (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    event_seq INTEGER NOT NULL DEFAULT 0,                -- up to which event it has been looked at what happened
    ready_made INTEGER NOT NULL DEFAULT 0 CHECK (ready_made IN (0, 1))   -- whether the ready-made ones have been put in
) STRICT;

CREATE INDEX automations_by_change ON automations (changed_seq) WHERE changed_seq IS NOT NULL;
CREATE TRIGGER automations_stamped AFTER INSERT ON automations BEGIN
    UPDATE automations SET changed_seq = 1 + max(
        coalesce((SELECT changed_seq FROM automations WHERE changed_seq IS NOT NULL ORDER BY changed_seq DESC LIMIT 1), 0),
        coalesce((SELECT changed_seq FROM list_ends WHERE list = 'automations'), 0))
    WHERE seq = new.seq;
END;
CREATE TRIGGER automations_restamped AFTER UPDATE ON automations WHEN new.changed_seq IS old.changed_seq BEGIN
    UPDATE automations SET changed_seq = 1 + max(
        coalesce((SELECT changed_seq FROM automations WHERE changed_seq IS NOT NULL ORDER BY changed_seq DESC LIMIT 1), 0),
        coalesce((SELECT changed_seq FROM list_ends WHERE list = 'automations'), 0))
    WHERE seq = new.seq;
END;
CREATE TRIGGER automations_gone AFTER DELETE ON automations BEGIN
    INSERT INTO list_ends (list, seq, changed_seq)
    VALUES ('automations', old.seq, 1 + max(coalesce(old.changed_seq, 0), coalesce((SELECT changed_seq FROM automations WHERE changed_seq IS NOT NULL ORDER BY changed_seq DESC LIMIT 1), 0)))
    ON CONFLICT DO UPDATE
        SET seq = max(seq, excluded.seq), changed_seq = max(changed_seq + 1, excluded.changed_seq);
    INSERT INTO deletions (list, changed_seq, id)
    SELECT list, changed_seq, old.id FROM list_ends WHERE list = 'automations'
    ON CONFLICT (id) DO UPDATE SET changed_seq = excluded.changed_seq, merged_into = NULL, deleted_at = NULL;
END;

ALTER TABLE messages ADD COLUMN answers INTEGER NOT NULL DEFAULT 1 CHECK (answers IN (0, 1));

-- Definitions alone are changed: none of the rows there are breaks the new ones.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
    SET sql = replace(sql, '(author_type IN (''guest'', ''staff'', ''integration'', ''system''))', '(author_type IN (''guest'', ''staff'', ''integration'', ''automation'', ''system''))')
    WHERE type = 'table' AND name = 'messages';
PRAGMA writable_schema = RESET;

-- Whoever has chosen of what they are told is told by automations as well, until they choose otherwise.
UPDATE notification_preferences SET push = json_insert(push, '$[#]', 'automation')
    WHERE NOT EXISTS (SELECT 1 FROM json_each(push) WHERE value = 'automation');
