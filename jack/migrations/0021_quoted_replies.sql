-- Which message a message quotes.
ALTER TABLE messages ADD COLUMN reply_to_id TEXT;
-- A message shows the beginning of the one it quotes: it changes with that.
CREATE INDEX messages_quoting ON messages (reply_to_id) WHERE reply_to_id IS NOT NULL;
CREATE TRIGGER quoted_message_changed AFTER UPDATE OF content ON messages WHEN old.content <> new.content BEGIN
    UPDATE messages SET type = type WHERE reply_to_id = new.id;
END;
