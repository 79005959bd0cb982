-- Who may see a web conversation is said in its own row, and does not follow from whose guest's it is. Whoever has left is nobody's assignee.

CREATE TABLE webchat_streams (
    id TEXT PRIMARY KEY,
    email_key TEXT UNIQUE,
    created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
ALTER TABLE conversations ADD COLUMN stream_id TEXT REFERENCES webchat_streams (id) ON DELETE SET NULL;
CREATE INDEX conversations_of_stream ON conversations (stream_id) WHERE stream_id IS NOT NULL;
ALTER TABLE webchat_sessions ADD COLUMN stream_id TEXT REFERENCES webchat_streams (id) ON DELETE SET NULL;
CREATE INDEX webchat_sessions_of_stream ON webchat_sessions (stream_id) WHERE stream_id IS NOT NULL;

-- One stream a visitor who has written; one for all who have proven the same e-mail. It has the id of its first session.
INSERT INTO webchat_streams (id, email_key, created_at)
    SELECT min(id), lower(email), min(created_at) FROM webchat_sessions
    WHERE guest_id IS NOT NULL AND email_proven = 1 GROUP BY lower(email)
    UNION ALL
    SELECT id, NULL, created_at FROM webchat_sessions WHERE guest_id IS NOT NULL AND email_proven = 0;
UPDATE webchat_sessions
    SET stream_id = CASE email_proven
        WHEN 1 THEN (SELECT webchat_streams.id FROM webchat_streams WHERE email_key = lower(email))
        ELSE id END
    WHERE guest_id IS NOT NULL;

-- A conversation is its visitor's if all that was said in it was said by them. Where a merge has let several people write, or
-- where nobody knows any more who did, no visitor is shown it again: staff still are.
UPDATE conversations
    SET stream_id = said.stream_id
    FROM (
        SELECT conversation_id, min(stream_id) AS stream_id
        FROM messages JOIN (SELECT id AS web_id FROM conversations WHERE channel = 'web') ON web_id = conversation_id
        LEFT JOIN inbound ON inbound.message_id = messages.id
        LEFT JOIN webchat_sessions ON webchat_sessions.id = substr(account, length('web:') + 1)
        WHERE direction = 'inbound'
        GROUP BY conversation_id
        HAVING count(DISTINCT stream_id) = 1 AND count(stream_id) = count(*)) AS said
    WHERE said.conversation_id = conversations.id AND guest_id IS NOT NULL;

-- Work of members who had left before.
INSERT INTO events (type, subject_id, conversation_id, created_at)
    SELECT 'conversation.changed', id, id, strftime('%Y-%m-%dT%H:%M:%fZ', 'now') FROM conversations
    WHERE status IN ('open', 'pending') AND assignee_id IN (SELECT staff.id FROM staff WHERE NOT active);
UPDATE conversations SET assignee_id = NULL, updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
    WHERE status IN ('open', 'pending') AND assignee_id IN (SELECT staff.id FROM staff WHERE NOT active);
INSERT INTO events (type, subject_id, conversation_id, created_at)
    SELECT 'task.changed', id, conversation_id, strftime('%Y-%m-%dT%H:%M:%fZ', 'now') FROM tasks
    WHERE status IN ('open', 'in_progress', 'blocked') AND assignee_id IN (SELECT staff.id FROM staff WHERE NOT active);
UPDATE tasks
    SET assignee_id = NULL, status = CASE status WHEN 'in_progress' THEN 'open' ELSE status END,
        updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now')
    WHERE status IN ('open', 'in_progress', 'blocked') AND assignee_id IN (SELECT staff.id FROM staff WHERE NOT active);
