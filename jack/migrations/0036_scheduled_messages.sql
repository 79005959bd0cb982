-- Messages that leave at a time of their own.

ALTER TABLE messages ADD COLUMN send_at TEXT;
ALTER TABLE messages ADD COLUMN cancel_on_reply INTEGER NOT NULL DEFAULT 0 CHECK (cancel_on_reply IN (0, 1));

-- Definitions alone are changed: none of the rows there are breaks the new ones.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
    SET sql = replace(sql, '(status IN (''received'', ''queued'',', '(status IN (''received'', ''scheduled'', ''cancelled'', ''queued'',')
    WHERE type = 'table' AND name = 'messages';
PRAGMA writable_schema = RESET;

CREATE INDEX messages_scheduled ON messages (send_at) WHERE status = 'scheduled';
CREATE INDEX messages_cancelled_by_reply ON messages (conversation_id) WHERE status = 'scheduled' AND cancel_on_reply;
-- A scheduled message takes its place among the others when it leaves.
CREATE TRIGGER messages_moved AFTER UPDATE OF seq ON messages WHEN old.seq <> new.seq BEGIN
    INSERT INTO message_search (message_search, rowid, search_content) VALUES ('delete', old.place, old.search_content);
    INSERT INTO message_search (rowid, search_content) VALUES (new.place, new.search_content);
END;
