-- Until when a conversation is put off.

ALTER TABLE conversations ADD COLUMN snoozed_until TEXT;
CREATE INDEX conversations_snoozed ON conversations (snoozed_until) WHERE snoozed_until IS NOT NULL;
-- Whatever opens or closes it, it is no longer snoozed.
CREATE TRIGGER conversation_woken AFTER UPDATE OF status ON conversations
WHEN new.status <> 'pending' AND new.snoozed_until IS NOT NULL BEGIN
    UPDATE conversations SET snoozed_until = NULL WHERE seq = new.seq;
END;
