-- The order of a conversation's messages: by when a guest wrote them, as far as that is not long before they came.

ALTER TABLE messages ADD COLUMN own_at TEXT;
ALTER TABLE messages ADD COLUMN ordered_at TEXT GENERATED ALWAYS AS (coalesce(own_at, created_at)) VIRTUAL;
CREATE INDEX messages_in_order ON messages (conversation_id, ordered_at, id);
