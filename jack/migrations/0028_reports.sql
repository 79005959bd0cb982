-- What reports count that no row has said so far: how long guests waited, and when conversations were closed.

-- How long guests have waited: a row when a wait ends, by an answer, or because the conversation is closed or its guest blocked.
CREATE TABLE waits (
    conversation_seq INTEGER NOT NULL REFERENCES conversations (seq) ON DELETE CASCADE,
    since TEXT NOT NULL,
    ended_at TEXT NOT NULL,
    PRIMARY KEY (conversation_seq, since)
) STRICT, WITHOUT ROWID;
CREATE INDEX waits_by_start ON waits (since);
CREATE TRIGGER wait_ended AFTER UPDATE OF waiting_since ON conversations
WHEN old.waiting_since IS NOT NULL AND new.waiting_since IS NULL BEGIN
    INSERT INTO waits (conversation_seq, since, ended_at) VALUES (new.seq, old.waiting_since, new.updated_at)
        ON CONFLICT DO UPDATE SET ended_at = excluded.ended_at;
END;
-- An answer that failed or was taken back was none: the guest has been waiting all along.
CREATE TRIGGER wait_resumed AFTER UPDATE OF waiting_since ON conversations
WHEN old.waiting_since IS NULL AND new.waiting_since IS NOT NULL BEGIN
    DELETE FROM waits WHERE conversation_seq = new.seq AND since = new.waiting_since;
END;

-- When conversations were closed, and reopened after that.
CREATE TABLE closings (
    conversation_seq INTEGER NOT NULL REFERENCES conversations (seq) ON DELETE CASCADE,
    closed_at TEXT NOT NULL,
    opened_at TEXT NOT NULL,                             -- when it was created, or last reopened
    reopened_at TEXT,
    PRIMARY KEY (conversation_seq, closed_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX closings_by_time ON closings (closed_at);
-- An erasure closes what is left of a conversation; nobody has done so.
CREATE TRIGGER conversation_closed AFTER UPDATE OF status ON conversations
WHEN old.status <> 'closed' AND new.status = 'closed' AND new.guest_id IS NOT NULL BEGIN
    INSERT INTO closings (conversation_seq, closed_at, opened_at)
        VALUES (new.seq, new.updated_at, coalesce(
            (SELECT reopened_at FROM closings WHERE conversation_seq = new.seq ORDER BY closed_at DESC LIMIT 1), new.created_at))
        ON CONFLICT DO UPDATE SET reopened_at = NULL;
END;
CREATE TRIGGER conversation_reopened AFTER UPDATE OF status ON conversations
WHEN old.status = 'closed' AND new.status <> 'closed' BEGIN
    UPDATE closings SET reopened_at = new.updated_at
    WHERE conversation_seq = new.seq AND closed_at = (SELECT max(closed_at) FROM closings WHERE conversation_seq = new.seq);
END;

CREATE INDEX messages_by_creation ON messages (created_at);
CREATE INDEX tasks_by_completion ON tasks (completed_at) WHERE completed_at IS NOT NULL;

-- What is known of the time before: waits from the messages, closings from the audit log.
INSERT INTO waits (conversation_seq, since, ended_at)
SELECT conversation_seq, min(created_at), answered_at FROM (
    SELECT conversation_seq, created_at, direction, details,
           min(CASE WHEN direction = 'outbound' AND status <> 'failed' THEN created_at END) OVER (
               PARTITION BY conversation_seq ORDER BY seq ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS answered_at
    FROM messages WHERE type <> 'note')
WHERE direction = 'inbound' AND answered_at IS NOT NULL
  AND details ->> 'automatic' IS NULL AND details ->> 'blocked' IS NULL
GROUP BY conversation_seq, answered_at
ON CONFLICT DO NOTHING;
INSERT INTO closings (conversation_seq, closed_at, opened_at)
SELECT conversations.seq, audit.at, conversations.created_at
FROM audit JOIN conversations ON conversations.id = audit.subject_id
WHERE action = 'conversation.closed'
ON CONFLICT DO NOTHING;
