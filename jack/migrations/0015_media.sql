-- How long a sound is; the JPEG of a picture that browsers do not show; what a conversation's last message brought, for lists.

ALTER TABLE attachments ADD COLUMN duration REAL;
ALTER TABLE attachments ADD COLUMN preview_of TEXT;
ALTER TABLE attachments ADD COLUMN preview_due_at TEXT;
ALTER TABLE attachments ADD COLUMN preview_attempts INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX attachments_preview_of ON attachments (preview_of) WHERE preview_of IS NOT NULL;
CREATE INDEX attachments_preview_due ON attachments (preview_due_at) WHERE preview_due_at IS NOT NULL;

ALTER TABLE conversations ADD COLUMN preview_media TEXT CHECK (preview_media IS NULL OR json_type(preview_media) = 'object');

UPDATE conversations
SET preview_media = (
    SELECT json_object(
        'kind', CASE WHEN min(mime LIKE 'image/%') THEN 'photo' WHEN count(*) > 1 THEN 'file' WHEN mime LIKE 'video/%' THEN 'video'
                     WHEN mime = 'audio/ogg' THEN 'voice' WHEN mime LIKE 'audio/%' THEN 'audio' ELSE 'file' END,
        'count', count(*), 'seconds', NULL, 'name', min(name))
    FROM attachments
    WHERE message_id = (SELECT id FROM messages WHERE conversation_id = conversations.id AND type <> 'note' ORDER BY seq DESC LIMIT 1)
    HAVING count(*) > 0)
WHERE preview = '';
