-- Texts that the hotel sends again and again.

-- The hotel's own texts, by language, with places that are filled in: `{guest_name}`.
CREATE TABLE templates (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    shortcut TEXT,
    texts TEXT NOT NULL CHECK (json_type(texts) = 'object'),
    channels TEXT NOT NULL CHECK (json_type(channels) = 'array'),
    whatsapp_template TEXT CHECK (json_type(whatsapp_template) = 'object'),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    changed_seq INTEGER                                  -- its place in the order of the last change; set by triggers
) STRICT;
CREATE INDEX templates_by_name ON templates (name);
CREATE UNIQUE INDEX templates_by_shortcut ON templates (shortcut) WHERE shortcut IS NOT NULL;

CREATE INDEX templates_by_change ON templates (changed_seq) WHERE changed_seq IS NOT NULL;
CREATE TRIGGER templates_stamped AFTER INSERT ON templates BEGIN
    UPDATE templates SET changed_seq = 1 + max(
        coalesce((SELECT changed_seq FROM templates WHERE changed_seq IS NOT NULL ORDER BY changed_seq DESC LIMIT 1), 0),
        coalesce((SELECT changed_seq FROM list_ends WHERE list = 'templates'), 0))
    WHERE seq = new.seq;
END;
CREATE TRIGGER templates_restamped AFTER UPDATE ON templates WHEN new.changed_seq IS old.changed_seq BEGIN
    UPDATE templates SET changed_seq = 1 + max(
        coalesce((SELECT changed_seq FROM templates WHERE changed_seq IS NOT NULL ORDER BY changed_seq DESC LIMIT 1), 0),
        coalesce((SELECT changed_seq FROM list_ends WHERE list = 'templates'), 0))
    WHERE seq = new.seq;
END;
CREATE TRIGGER templates_gone AFTER DELETE ON templates BEGIN
    INSERT INTO list_ends (list, seq, changed_seq)
    VALUES ('templates', old.seq, 1 + max(coalesce(old.changed_seq, 0), coalesce((SELECT changed_seq FROM templates WHERE changed_seq IS NOT NULL ORDER BY changed_seq DESC LIMIT 1), 0)))
    ON CONFLICT DO UPDATE
        SET seq = max(seq, excluded.seq), changed_seq = max(changed_seq + 1, excluded.changed_seq);
    INSERT INTO deletions (list, changed_seq, id)
    SELECT list, changed_seq, old.id FROM list_ends WHERE list = 'templates'
    ON CONFLICT (id) DO UPDATE SET changed_seq = excluded.changed_seq, merged_into = NULL, deleted_at = NULL;
END;
