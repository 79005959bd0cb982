-- What a returned mail says is kept; automatic mail waits for no answer and is not counted as unread.

ALTER TABLE receipts ADD COLUMN report TEXT CHECK (report IS NULL OR json_type(report) = 'object');

CREATE TEMP TABLE automatic_mail AS
    SELECT conversation_id, count(*) AS mails FROM messages
    WHERE direction = 'inbound' AND details ->> 'automatic' IS NOT NULL
    GROUP BY conversation_id;

-- Nobody has read more than there is. Whoever had read all still has: the trigger of conversations sees to it.
UPDATE conversation_reads
SET inbound_count = min(inbound_count, (
    SELECT conversations.inbound_count - mails FROM conversations JOIN automatic_mail ON automatic_mail.conversation_id = id
    WHERE id = conversation_reads.conversation_id))
WHERE conversation_id IN (SELECT conversation_id FROM automatic_mail);

UPDATE conversations
SET inbound_count = inbound_count - (SELECT mails FROM automatic_mail WHERE conversation_id = id),
    waiting_since = CASE WHEN waiting_since IS NOT NULL THEN (
        SELECT min(created_at) FROM messages
        WHERE conversation_id = conversations.id AND direction = 'inbound' AND details ->> 'automatic' IS NULL AND seq > coalesce(
            (SELECT max(seq) FROM messages
             WHERE conversation_id = conversations.id AND direction = 'outbound' AND type <> 'note' AND status <> 'failed'), 0)) END
WHERE id IN (SELECT conversation_id FROM automatic_mail);

DROP TABLE automatic_mail;
