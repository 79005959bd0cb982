-- Guests whose messages notify nobody; conversations that are put back to unread.

ALTER TABLE guests ADD COLUMN blocked INTEGER NOT NULL DEFAULT 0 CHECK (blocked IN (0, 1));

ALTER TABLE conversation_reads ADD COLUMN seen_count INTEGER NOT NULL DEFAULT 0;
UPDATE conversation_reads SET seen_count = inbound_count;
