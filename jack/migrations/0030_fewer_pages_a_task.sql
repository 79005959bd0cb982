-- A new task is not in the search index at once: 64 at a time are, and who searches looks through those that are not.
-- Of an index there are no rows between: what is not in it comes after its last. `changed_seq` is written with the row.

DROP TRIGGER tasks_searchable;
CREATE TRIGGER tasks_searchable AFTER INSERT ON tasks
WHEN (SELECT new.seq NOT BETWEEN coalesce(max(id), 0) AND coalesce(max(id), 0) + 63 FROM task_search_docsize) BEGIN
    INSERT INTO task_search (rowid, search_text)
        SELECT seq, search_text FROM tasks
        WHERE seq > (SELECT min(coalesce(max(id), 0), new.seq - 1) FROM task_search_docsize) AND seq <= new.seq;
END;

DROP TRIGGER tasks_search_changed;
CREATE TRIGGER tasks_search_changed AFTER UPDATE OF title, description, notes, room ON tasks
WHEN old.search_text <> new.search_text AND EXISTS (SELECT 1 FROM task_search_docsize WHERE id = old.seq) BEGIN
    INSERT INTO task_search (task_search, rowid, search_text) VALUES ('delete', old.seq, old.search_text);
    INSERT INTO task_search (rowid, search_text) VALUES (new.seq, new.search_text);
END;

DROP TRIGGER tasks_unsearchable;
CREATE TRIGGER tasks_unsearchable AFTER DELETE ON tasks
WHEN EXISTS (SELECT 1 FROM task_search_docsize WHERE id = old.seq) BEGIN
    INSERT INTO task_search (task_search, rowid, search_text) VALUES ('delete', old.seq, old.search_text);
END;

DROP TRIGGER tasks_stamped;
CREATE TRIGGER tasks_stamped AFTER INSERT ON tasks WHEN new.changed_seq IS NULL BEGIN
    UPDATE tasks SET changed_seq = 1 + max(
        coalesce((SELECT changed_seq FROM tasks WHERE changed_seq IS NOT NULL ORDER BY changed_seq DESC LIMIT 1), 0),
        coalesce((SELECT changed_seq FROM list_ends WHERE list = 'tasks'), 0))
    WHERE seq = new.seq;
END;

DROP TRIGGER messages_stamped;
CREATE TRIGGER messages_stamped AFTER INSERT ON messages WHEN new.changed_seq IS NULL BEGIN
    UPDATE messages SET changed_seq = 1 + max(
        coalesce((SELECT changed_seq FROM messages WHERE changed_seq IS NOT NULL ORDER BY changed_seq DESC LIMIT 1), 0),
        coalesce((SELECT changed_seq FROM list_ends WHERE list = 'messages'), 0))
    WHERE seq = new.seq;
END;

-- A new task is found by its creation: only those that have been changed are in the index of changes.
DROP INDEX tasks_by_update;
CREATE INDEX tasks_by_update ON tasks (updated_at) WHERE updated_at <> created_at;
