-- Lists can be read on from a cursor, also in the order of the last change; what was deleted is told for 90 days. Tasks are searched.

ALTER TABLE guests ADD COLUMN changed_seq INTEGER;
ALTER TABLE conversations ADD COLUMN changed_seq INTEGER;
ALTER TABLE messages ADD COLUMN changed_seq INTEGER;
ALTER TABLE tasks ADD COLUMN changed_seq INTEGER;
ALTER TABLE knowledge ADD COLUMN changed_seq INTEGER;
ALTER TABLE staff ADD COLUMN changed_seq INTEGER;
ALTER TABLE guests ADD COLUMN last_contact_at TEXT;

-- Of what is there the order of change is that of creation.
DROP TRIGGER knowledge_search_changed;
UPDATE guests SET changed_seq = seq;
UPDATE conversations SET changed_seq = seq;
UPDATE messages SET changed_seq = seq;
UPDATE tasks SET changed_seq = seq;
UPDATE knowledge SET changed_seq = seq;
UPDATE staff SET changed_seq = seq;
UPDATE guests SET last_contact_at = (SELECT max(last_message_at) FROM conversations WHERE guest_id = guests.id);

CREATE TRIGGER knowledge_search_changed AFTER UPDATE OF search_title, search_content ON knowledge BEGIN
    INSERT INTO knowledge_search (knowledge_search, rowid, search_title, search_content)
        VALUES ('delete', old.seq, old.search_title, old.search_content);
    INSERT INTO knowledge_search (rowid, search_title, search_content)
        VALUES (new.seq, new.search_title, new.search_content);
END;

-- What is gone, for lists in order of change: kept for 90 days.
CREATE TABLE deletions (
    list TEXT NOT NULL,
    changed_seq INTEGER NOT NULL,
    id TEXT NOT NULL UNIQUE,
    merged_into TEXT,                                    -- the guest who stayed
    deleted_at TEXT,                                     -- NULL: the next clean-up says so
    PRIMARY KEY (list, changed_seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX deletions_by_age ON deletions (deleted_at);

-- The highest numbers that deleted rows have had: none is used twice, or who asks for what comes after it would miss a row.
CREATE TABLE list_ends (
    list TEXT PRIMARY KEY,
    seq INTEGER NOT NULL,
    changed_seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX guests_by_change ON guests (changed_seq) WHERE changed_seq IS NOT NULL;
CREATE TRIGGER guests_stamped AFTER INSERT ON guests BEGIN
    DELETE FROM deletions WHERE id = new.id;  -- a merge that is undone
    UPDATE guests SET changed_seq = 1 + max(
        coalesce((SELECT changed_seq FROM guests WHERE changed_seq IS NOT NULL ORDER BY changed_seq DESC LIMIT 1), 0),
        coalesce((SELECT changed_seq FROM list_ends WHERE list = 'guests'), 0))
    WHERE seq = new.seq;
END;
CREATE TRIGGER guests_restamped AFTER UPDATE ON guests WHEN new.changed_seq IS old.changed_seq AND new.last_contact_at IS old.last_contact_at BEGIN
    UPDATE guests SET changed_seq = 1 + max(
        coalesce((SELECT changed_seq FROM guests WHERE changed_seq IS NOT NULL ORDER BY changed_seq DESC LIMIT 1), 0),
        coalesce((SELECT changed_seq FROM list_ends WHERE list = 'guests'), 0))
    WHERE seq = new.seq;
END;
CREATE TRIGGER guests_gone AFTER DELETE ON guests BEGIN
    INSERT INTO list_ends (list, seq, changed_seq)
    VALUES ('guests', old.seq, 1 + max(coalesce(old.changed_seq, 0), coalesce((SELECT changed_seq FROM guests WHERE changed_seq IS NOT NULL ORDER BY changed_seq DESC LIMIT 1), 0)))
    ON CONFLICT DO UPDATE
        SET seq = max(seq, excluded.seq), changed_seq = max(changed_seq + 1, excluded.changed_seq);
    INSERT INTO deletions (list, changed_seq, id)
    SELECT list, changed_seq, old.id FROM list_ends WHERE list = 'guests'
    ON CONFLICT (id) DO UPDATE SET changed_seq = excluded.changed_seq, merged_into = NULL, deleted_at = NULL;
END;

CREATE INDEX conversations_by_change ON conversations (changed_seq) WHERE changed_seq IS NOT NULL;
CREATE TRIGGER conversations_stamped AFTER INSERT ON conversations BEGIN
    UPDATE conversations SET changed_seq = 1 + max(
        coalesce((SELECT changed_seq FROM conversations WHERE changed_seq IS NOT NULL ORDER BY changed_seq DESC LIMIT 1), 0),
        coalesce((SELECT changed_seq FROM list_ends WHERE list = 'conversations'), 0))
    WHERE seq = new.seq;
END;
CREATE TRIGGER conversations_restamped AFTER UPDATE ON conversations WHEN new.changed_seq IS old.changed_seq BEGIN
    UPDATE conversations SET changed_seq = 1 + max(
        coalesce((SELECT changed_seq FROM conversations WHERE changed_seq IS NOT NULL ORDER BY changed_seq DESC LIMIT 1), 0),
        coalesce((SELECT changed_seq FROM list_ends WHERE list = 'conversations'), 0))
    WHERE seq = new.seq;
END;
CREATE TRIGGER conversations_gone AFTER DELETE ON conversations BEGIN
    INSERT INTO list_ends (list, seq, changed_seq)
    VALUES ('conversations', old.seq, 1 + max(coalesce(old.changed_seq, 0), coalesce((SELECT changed_seq FROM conversations WHERE changed_seq IS NOT NULL ORDER BY changed_seq DESC LIMIT 1), 0)))
    ON CONFLICT DO UPDATE
        SET seq = max(seq, excluded.seq), changed_seq = max(changed_seq + 1, excluded.changed_seq);
    INSERT INTO deletions (list, changed_seq, id)
    SELECT list, changed_seq, old.id FROM list_ends WHERE list = 'conversations'
    ON CONFLICT (id) DO UPDATE SET changed_seq = excluded.changed_seq, merged_into = NULL, deleted_at = NULL;
END;

CREATE INDEX messages_by_change ON messages (changed_seq) WHERE changed_seq IS NOT NULL;
CREATE TRIGGER messages_stamped AFTER INSERT ON messages BEGIN
    UPDATE messages SET changed_seq = 1 + max(
        coalesce((SELECT changed_seq FROM messages WHERE changed_seq IS NOT NULL ORDER BY changed_seq DESC LIMIT 1), 0),
        coalesce((SELECT changed_seq FROM list_ends WHERE list = 'messages'), 0))
    WHERE seq = new.seq;
END;
CREATE TRIGGER messages_restamped AFTER UPDATE ON messages WHEN new.changed_seq IS old.changed_seq BEGIN
    UPDATE messages SET changed_seq = 1 + max(
        coalesce((SELECT changed_seq FROM messages WHERE changed_seq IS NOT NULL ORDER BY changed_seq DESC LIMIT 1), 0),
        coalesce((SELECT changed_seq FROM list_ends WHERE list = 'messages'), 0))
    WHERE seq = new.seq;
END;
CREATE TRIGGER messages_gone AFTER DELETE ON messages BEGIN
    INSERT INTO list_ends (list, seq, changed_seq)
    VALUES ('messages', old.seq, 1 + max(coalesce(old.changed_seq, 0), coalesce((SELECT changed_seq FROM messages WHERE changed_seq IS NOT NULL ORDER BY changed_seq DESC LIMIT 1), 0)))
    ON CONFLICT DO UPDATE
        SET seq = max(seq, excluded.seq), changed_seq = max(changed_seq + 1, excluded.changed_seq);
    INSERT INTO deletions (list, changed_seq, id)
    SELECT list, changed_seq, old.id FROM list_ends WHERE list = 'messages'
    ON CONFLICT (id) DO UPDATE SET changed_seq = excluded.changed_seq, merged_into = NULL, deleted_at = NULL;
END;

CREATE INDEX tasks_by_change ON tasks (changed_seq) WHERE changed_seq IS NOT NULL;
CREATE TRIGGER tasks_stamped AFTER INSERT ON tasks BEGIN
    UPDATE tasks SET changed_seq = 1 + max(
        coalesce((SELECT changed_seq FROM tasks WHERE changed_seq IS NOT NULL ORDER BY changed_seq DESC LIMIT 1), 0),
        coalesce((SELECT changed_seq FROM list_ends WHERE list = 'tasks'), 0))
    WHERE seq = new.seq;
END;
CREATE TRIGGER tasks_restamped AFTER UPDATE ON tasks WHEN new.changed_seq IS old.changed_seq BEGIN
    UPDATE tasks SET changed_seq = 1 + max(
        coalesce((SELECT changed_seq FROM tasks WHERE changed_seq IS NOT NULL ORDER BY changed_seq DESC LIMIT 1), 0),
        coalesce((SELECT changed_seq FROM list_ends WHERE list = 'tasks'), 0))
    WHERE seq = new.seq;
END;
CREATE TRIGGER tasks_gone AFTER DELETE ON tasks BEGIN
    INSERT INTO list_ends (list, seq, changed_seq)
    VALUES ('tasks', old.seq, 1 + max(coalesce(old.changed_seq, 0), coalesce((SELECT changed_seq FROM tasks WHERE changed_seq IS NOT NULL ORDER BY changed_seq DESC LIMIT 1), 0)))
    ON CONFLICT DO UPDATE
        SET seq = max(seq, excluded.seq), changed_seq = max(changed_seq + 1, excluded.changed_seq);
    INSERT INTO deletions (list, changed_seq, id)
    SELECT list, changed_seq, old.id FROM list_ends WHERE list = 'tasks'
    ON CONFLICT (id) DO UPDATE SET changed_seq = excluded.changed_seq, merged_into = NULL, deleted_at = NULL;
END;

CREATE INDEX knowledge_by_change ON knowledge (changed_seq) WHERE changed_seq IS NOT NULL;
CREATE TRIGGER knowledge_stamped AFTER INSERT ON knowledge BEGIN
    UPDATE knowledge SET changed_seq = 1 + max(
        coalesce((SELECT changed_seq FROM knowledge WHERE changed_seq IS NOT NULL ORDER BY changed_seq DESC LIMIT 1), 0),
        coalesce((SELECT changed_seq FROM list_ends WHERE list = 'knowledge'), 0))
    WHERE seq = new.seq;
END;
CREATE TRIGGER knowledge_restamped AFTER UPDATE ON knowledge WHEN new.changed_seq IS old.changed_seq BEGIN
    UPDATE knowledge SET changed_seq = 1 + max(
        coalesce((SELECT changed_seq FROM knowledge WHERE changed_seq IS NOT NULL ORDER BY changed_seq DESC LIMIT 1), 0),
        coalesce((SELECT changed_seq FROM list_ends WHERE list = 'knowledge'), 0))
    WHERE seq = new.seq;
END;
CREATE TRIGGER knowledge_gone AFTER DELETE ON knowledge BEGIN
    INSERT INTO list_ends (list, seq, changed_seq)
    VALUES ('knowledge', old.seq, 1 + max(coalesce(old.changed_seq, 0), coalesce((SELECT changed_seq FROM knowledge WHERE changed_seq IS NOT NULL ORDER BY changed_seq DESC LIMIT 1), 0)))
    ON CONFLICT DO UPDATE
        SET seq = max(seq, excluded.seq), changed_seq = max(changed_seq + 1, excluded.changed_seq);
    INSERT INTO deletions (list, changed_seq, id)
    SELECT list, changed_seq, old.id FROM list_ends WHERE list = 'knowledge'
    ON CONFLICT (id) DO UPDATE SET changed_seq = excluded.changed_seq, merged_into = NULL, deleted_at = NULL;
END;

CREATE INDEX staff_by_change ON staff (changed_seq) WHERE changed_seq IS NOT NULL;
CREATE TRIGGER staff_stamped AFTER INSERT ON staff BEGIN
    UPDATE staff SET changed_seq = 1 + max(
        coalesce((SELECT changed_seq FROM staff WHERE changed_seq IS NOT NULL ORDER BY changed_seq DESC LIMIT 1), 0),
        coalesce((SELECT changed_seq FROM list_ends WHERE list = 'staff'), 0))
    WHERE seq = new.seq;
END;
CREATE TRIGGER staff_restamped AFTER UPDATE OF name, email, role, department, active, password_hash, updated_at ON staff WHEN new.changed_seq IS old.changed_seq BEGIN
    UPDATE staff SET changed_seq = 1 + max(
        coalesce((SELECT changed_seq FROM staff WHERE changed_seq IS NOT NULL ORDER BY changed_seq DESC LIMIT 1), 0),
        coalesce((SELECT changed_seq FROM list_ends WHERE list = 'staff'), 0))
    WHERE seq = new.seq;
END;

-- What is shown in a row and stands in another table changes the row, too.
CREATE TRIGGER guest_renamed AFTER UPDATE OF name ON guests WHEN old.name <> new.name BEGIN
    UPDATE conversations SET updated_at = updated_at WHERE guest_id = new.id;
    UPDATE messages SET author_id = author_id
    WHERE author_type = 'guest' AND conversation_id IN (SELECT id FROM conversations WHERE guest_id = new.id);
END;
CREATE TRIGGER conversation_first_read AFTER INSERT ON conversation_reads BEGIN
    UPDATE conversations SET updated_at = updated_at WHERE id = new.conversation_id;
END;
CREATE TRIGGER conversation_read AFTER UPDATE OF inbound_count ON conversation_reads
WHEN old.inbound_count <> new.inbound_count BEGIN
    UPDATE conversations SET updated_at = updated_at WHERE id = new.conversation_id;
END;
CREATE TRIGGER file_received AFTER INSERT ON attachments WHEN new.message_id IS NOT NULL BEGIN
    UPDATE messages SET type = type WHERE id = new.message_id;
END;
CREATE TRIGGER file_changed AFTER UPDATE OF message_id, status, name, mime, size, error ON attachments
WHEN new.message_id IS NOT NULL BEGIN
    UPDATE messages SET type = type WHERE id = new.message_id;
END;
CREATE TRIGGER file_gone AFTER DELETE ON attachments WHEN old.message_id IS NOT NULL BEGIN
    UPDATE messages SET type = type WHERE id = old.message_id;
END;

-- When a guest and the hotel last wrote to each other, for the order of guests.
CREATE TRIGGER guest_active AFTER UPDATE OF last_message_at ON conversations
WHEN new.last_message_at IS NOT old.last_message_at BEGIN
    UPDATE guests SET last_contact_at = new.last_message_at
    WHERE id = new.guest_id AND coalesce(last_contact_at, '') < new.last_message_at;
END;
CREATE TRIGGER guest_of_conversation_changed AFTER UPDATE OF guest_id ON conversations
WHEN old.guest_id IS NOT new.guest_id BEGIN
    UPDATE guests
    SET last_contact_at = (SELECT max(last_message_at) FROM conversations WHERE guest_id = guests.id)
    WHERE id IN (old.guest_id, new.guest_id);
END;

CREATE INDEX guests_by_creation ON guests (created_at);
CREATE INDEX guests_by_update ON guests (updated_at);
CREATE INDEX guests_by_last_contact ON guests (last_contact_at);
CREATE INDEX conversations_waiting ON conversations (waiting_since) WHERE waiting_since IS NOT NULL;
CREATE INDEX conversations_by_creation ON conversations (created_at);
CREATE INDEX conversations_by_update ON conversations (updated_at);
CREATE INDEX tasks_by_room ON tasks (room) WHERE room IS NOT NULL;
CREATE INDEX tasks_by_due ON tasks (due_at);
CREATE INDEX tasks_by_creation ON tasks (created_at);
CREATE INDEX tasks_by_update ON tasks (updated_at);
CREATE INDEX knowledge_by_creation ON knowledge (created_at);
CREATE INDEX knowledge_by_update ON knowledge (updated_at);

ALTER TABLE tasks ADD COLUMN search_text TEXT GENERATED ALWAYS AS (
        replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(title || char(10) || coalesce(description, '') || char(10) || coalesce(notes, '') || char(10) || coalesce(room, ''),
        'Æ', 'ae'), 'æ', 'ae'), 'Ð', 'd'), 'ð', 'd'), 'Đ', 'd'), 'đ', 'd'), 'Ħ', 'h'), 'ħ', 'h'), 'ı', 'i'),
        'Ł', 'l'), 'ł', 'l'), 'Ŋ', 'n'), 'ŋ', 'n'), 'Ø', 'o'), 'ø', 'o'), 'Œ', 'oe'), 'œ', 'oe'), 'ẞ', 'ss'),
        'ß', 'ss'), 'Þ', 'th'), 'þ', 'th'), 'Ŧ', 't'), 'ŧ', 't')) VIRTUAL;

CREATE VIRTUAL TABLE task_search USING fts5 (
    search_text, content = 'tasks', content_rowid = 'seq', tokenize = 'unicode61 remove_diacritics 2');
INSERT INTO task_search (task_search, rank) VALUES ('secure-delete', 1);
CREATE TRIGGER tasks_searchable AFTER INSERT ON tasks BEGIN
    INSERT INTO task_search (rowid, search_text) VALUES (new.seq, new.search_text);
END;
CREATE TRIGGER tasks_search_changed AFTER UPDATE OF title, description, notes, room ON tasks
WHEN old.search_text <> new.search_text BEGIN
    INSERT INTO task_search (task_search, rowid, search_text) VALUES ('delete', old.seq, old.search_text);
    INSERT INTO task_search (rowid, search_text) VALUES (new.seq, new.search_text);
END;
CREATE TRIGGER tasks_unsearchable AFTER DELETE ON tasks BEGIN
    INSERT INTO task_search (task_search, rowid, search_text) VALUES ('delete', old.seq, old.search_text);
END;
INSERT INTO task_search (task_search) VALUES ('rebuild');
