-- Photos of what was done, or is to be done: an uploaded file may belong to a task.

ALTER TABLE attachments ADD COLUMN task_id TEXT REFERENCES tasks (id) ON DELETE CASCADE
    CHECK (task_id IS NULL OR message_id IS NULL);
CREATE INDEX attachments_of_task ON attachments (task_id, place) WHERE task_id IS NOT NULL;
DROP INDEX attachments_unsent;
CREATE INDEX attachments_unsent ON attachments (created_at) WHERE message_id IS NULL AND task_id IS NULL;
