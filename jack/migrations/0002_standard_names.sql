-- Tables by the names the field uses; tasks are counted at once; the list of channels is said once.

-- The triggers that name a table of counts: made again below.
DROP TRIGGER guest_tagged;
DROP TRIGGER guest_untagged;
DROP TRIGGER conversations_tallied;
DROP TRIGGER conversations_tally_changed;
DROP TRIGGER conversations_untallied;
DROP TRIGGER reads_tallied;
DROP TRIGGER reads_tally_changed;
DROP TRIGGER reads_untallied;
DROP TRIGGER reads_of_conversation_changed;
DROP TRIGGER tasks_tallied;
DROP TRIGGER tasks_tally_changed;
DROP TRIGGER tasks_untallied;

ALTER TABLE tag_tally RENAME TO tag_counts;
ALTER TABLE conversation_tally RENAME TO conversation_counts;
ALTER TABLE conversation_counts RENAME COLUMN heard TO has_inbound;
ALTER TABLE read_tally RENAME TO read_counts;
ALTER TABLE task_tally RENAME TO task_counts;
ALTER TABLE sendings RENAME TO provider_messages;
ALTER TABLE doubts RENAME TO unknown_sends;
ALTER TABLE accounts RENAME TO channel_accounts;
ALTER TABLE consents RENAME TO opt_outs;
ALTER TABLE forgotten_passwords RENAME TO password_resets;
ALTER TABLE inbound RENAME COLUMN answers TO in_reply_to;

DROP INDEX sendings_of_message;
CREATE INDEX provider_messages_of_message ON provider_messages (message_id, part);
DROP INDEX doubts_due;
CREATE INDEX unknown_sends_due ON unknown_sends (due_at);

-- The newest tasks, fewer than 64, were not counted yet.
INSERT INTO task_counts (status, urgency, department, assignee_id, tasks)
    SELECT status, urgency, department, coalesce(assignee_id, ''), count(*) FROM tasks
    WHERE seq > (SELECT seq FROM task_tally_end) GROUP BY 1, 2, 3, 4
    ON CONFLICT DO UPDATE SET tasks = tasks + excluded.tasks;
DROP TABLE task_tally_end;

CREATE TRIGGER guest_tagged AFTER INSERT ON guest_tags BEGIN
    INSERT INTO tag_counts (tag_key, guests) VALUES (new.tag_key, 1)
        ON CONFLICT DO UPDATE SET guests = guests + 1;
END;
CREATE TRIGGER guest_untagged AFTER DELETE ON guest_tags BEGIN
    UPDATE tag_counts SET guests = guests - 1 WHERE tag_key = old.tag_key;
    DELETE FROM tag_counts WHERE tag_key = old.tag_key AND guests = 0;
END;
CREATE TRIGGER conversations_counted AFTER INSERT ON conversations BEGIN
    INSERT INTO conversation_counts (status, channel, assignee_id, waiting, has_inbound, conversations)
        VALUES (new.status, new.channel, coalesce(new.assignee_id, ''), new.waiting_since IS NOT NULL, new.inbound_count > 0, 1)
        ON CONFLICT DO UPDATE SET conversations = conversations + 1;
END;
CREATE TRIGGER conversations_recounted
AFTER UPDATE OF status, channel, assignee_id, waiting_since, inbound_count ON conversations
WHEN old.status <> new.status OR old.channel <> new.channel OR old.assignee_id IS NOT new.assignee_id
  OR (old.waiting_since IS NULL) <> (new.waiting_since IS NULL) OR (old.inbound_count > 0) <> (new.inbound_count > 0) BEGIN
    UPDATE conversation_counts SET conversations = conversations - 1
        WHERE (status, channel, assignee_id, waiting, has_inbound)
            = (old.status, old.channel, coalesce(old.assignee_id, ''), old.waiting_since IS NOT NULL, old.inbound_count > 0);
    DELETE FROM conversation_counts
        WHERE (status, channel, assignee_id, waiting, has_inbound)
            = (old.status, old.channel, coalesce(old.assignee_id, ''), old.waiting_since IS NOT NULL, old.inbound_count > 0) AND conversations = 0;
    INSERT INTO conversation_counts (status, channel, assignee_id, waiting, has_inbound, conversations)
        VALUES (new.status, new.channel, coalesce(new.assignee_id, ''), new.waiting_since IS NOT NULL, new.inbound_count > 0, 1)
        ON CONFLICT DO UPDATE SET conversations = conversations + 1;
END;
CREATE TRIGGER conversations_uncounted AFTER DELETE ON conversations BEGIN
    UPDATE conversation_counts SET conversations = conversations - 1
        WHERE (status, channel, assignee_id, waiting, has_inbound)
            = (old.status, old.channel, coalesce(old.assignee_id, ''), old.waiting_since IS NOT NULL, old.inbound_count > 0);
    DELETE FROM conversation_counts
        WHERE (status, channel, assignee_id, waiting, has_inbound)
            = (old.status, old.channel, coalesce(old.assignee_id, ''), old.waiting_since IS NOT NULL, old.inbound_count > 0) AND conversations = 0;
END;
CREATE TRIGGER reads_counted AFTER INSERT ON conversation_reads WHEN new.current BEGIN
    INSERT INTO read_counts (staff_id, status, channel, assignee_id, conversations)
        SELECT new.staff_id, status, channel, coalesce(assignee_id, ''), 1 FROM conversations WHERE id = new.conversation_id
        ON CONFLICT DO UPDATE SET conversations = conversations + 1;
END;
CREATE TRIGGER reads_recounted AFTER UPDATE OF current ON conversation_reads WHEN old.current <> new.current BEGIN
    INSERT INTO read_counts (staff_id, status, channel, assignee_id, conversations)
        SELECT new.staff_id, status, channel, coalesce(assignee_id, ''), new.current - old.current
        FROM conversations WHERE id = new.conversation_id
        ON CONFLICT DO UPDATE SET conversations = conversations + excluded.conversations;
END;
CREATE TRIGGER reads_uncounted AFTER DELETE ON conversation_reads WHEN old.current BEGIN
    INSERT INTO read_counts (staff_id, status, channel, assignee_id, conversations)
        SELECT old.staff_id, status, channel, coalesce(assignee_id, ''), -1 FROM conversations WHERE id = old.conversation_id
        ON CONFLICT DO UPDATE SET conversations = conversations - 1;
END;
CREATE TRIGGER reads_of_conversation_changed
AFTER UPDATE OF status, channel, assignee_id, inbound_count ON conversations
WHEN old.status <> new.status OR old.channel <> new.channel OR old.assignee_id IS NOT new.assignee_id
  OR old.inbound_count <> new.inbound_count BEGIN
    INSERT INTO read_counts (staff_id, status, channel, assignee_id, conversations)
        SELECT staff_id, old.status, old.channel, coalesce(old.assignee_id, ''), -1
        FROM conversation_reads WHERE conversation_id = new.id AND current
        ON CONFLICT DO UPDATE SET conversations = conversations - 1;
    INSERT INTO read_counts (staff_id, status, channel, assignee_id, conversations)
        SELECT staff_id, new.status, new.channel, coalesce(new.assignee_id, ''), 1
        FROM conversation_reads WHERE conversation_id = new.id AND current
        ON CONFLICT DO UPDATE SET conversations = conversations + 1;
    UPDATE conversation_reads SET current = inbound_count >= new.inbound_count AND new.inbound_count > 0
        WHERE conversation_id = new.id AND current <> (inbound_count >= new.inbound_count AND new.inbound_count > 0);
END;
CREATE TRIGGER tasks_counted AFTER INSERT ON tasks BEGIN
    INSERT INTO task_counts (status, urgency, department, assignee_id, tasks)
        VALUES (new.status, new.urgency, new.department, coalesce(new.assignee_id, ''), 1)
        ON CONFLICT DO UPDATE SET tasks = tasks + 1;
END;
CREATE TRIGGER tasks_recounted AFTER UPDATE OF status, priority, department, assignee_id ON tasks
WHEN (old.status, old.urgency, old.department) <> (new.status, new.urgency, new.department)
  OR old.assignee_id IS NOT new.assignee_id BEGIN
    UPDATE task_counts SET tasks = tasks - 1
        WHERE status = old.status AND urgency = old.urgency AND department = old.department
          AND assignee_id = coalesce(old.assignee_id, '');
    DELETE FROM task_counts
        WHERE status = old.status AND urgency = old.urgency AND department = old.department
          AND assignee_id = coalesce(old.assignee_id, '') AND tasks = 0;
    INSERT INTO task_counts (status, urgency, department, assignee_id, tasks)
        VALUES (new.status, new.urgency, new.department, coalesce(new.assignee_id, ''), 1)
        ON CONFLICT DO UPDATE SET tasks = tasks + 1;
END;
CREATE TRIGGER tasks_uncounted AFTER DELETE ON tasks BEGIN
    UPDATE task_counts SET tasks = tasks - 1
        WHERE status = old.status AND urgency = old.urgency AND department = old.department
          AND assignee_id = coalesce(old.assignee_id, '');
    DELETE FROM task_counts
        WHERE status = old.status AND urgency = old.urgency AND department = old.department
          AND assignee_id = coalesce(old.assignee_id, '') AND tasks = 0;
END;

CREATE TABLE channels (
    name TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
INSERT INTO channels (name) VALUES ('whatsapp'), ('sms'), ('email'), ('web');

-- What a column may hold is no part of how its rows are stored: the definition alone is changed
-- (https://sqlite.org/lang_altertable.html, "Making Other Kinds Of Table Schema Changes").
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
    SET sql = replace(sql, ' CHECK (channel IN (''whatsapp'', ''sms'', ''email'', ''web''))', ' REFERENCES channels (name)')
    WHERE type = 'table' AND name IN ('guest_identities', 'conversations');
UPDATE sqlite_schema
    SET sql = replace(sql, ' CHECK (channel IN (''whatsapp'', ''sms'', ''email'', ''web''))', '')
    WHERE type = 'table' AND name IN ('outbox', 'unknown_sends', 'opt_outs');
PRAGMA writable_schema = RESET;
