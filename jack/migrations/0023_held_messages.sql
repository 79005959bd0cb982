-- Until when a message is held back, so that whoever sent it may take it back.
ALTER TABLE outbox ADD COLUMN held_until TEXT;
