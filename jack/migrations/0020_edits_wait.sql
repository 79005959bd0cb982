-- When the latest edit of a guest's message came in: after the answer, it waits for another.
ALTER TABLE messages ADD COLUMN edited_at TEXT;
