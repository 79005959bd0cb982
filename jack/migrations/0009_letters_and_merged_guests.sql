-- Searches find ł, ø, đ, ß, æ, œ, ı and the like by the letters they are typed with: what is indexed is made anew, once.
-- What guests became who were merged is remembered for as long as the other one is there.

DROP TRIGGER messages_searchable;
DROP TRIGGER messages_search_changed;
DROP TRIGGER messages_unsearchable;
DROP TRIGGER subjects_searchable;
DROP TRIGGER subjects_search_changed;
DROP TRIGGER subjects_unsearchable;
DROP TABLE message_terms;
DROP TABLE message_search;
DROP TABLE subject_search;

ALTER TABLE messages ADD COLUMN search_content TEXT GENERATED ALWAYS AS (
        replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(content,
        'Æ', 'ae'), 'æ', 'ae'), 'Ð', 'd'), 'ð', 'd'), 'Đ', 'd'), 'đ', 'd'), 'Ħ', 'h'), 'ħ', 'h'), 'ı', 'i'),
        'Ł', 'l'), 'ł', 'l'), 'Ŋ', 'n'), 'ŋ', 'n'), 'Ø', 'o'), 'ø', 'o'), 'Œ', 'oe'), 'œ', 'oe'), 'ẞ', 'ss'),
        'ß', 'ss'), 'Þ', 'th'), 'þ', 'th'), 'Ŧ', 't'), 'ŧ', 't')) VIRTUAL;
ALTER TABLE conversations ADD COLUMN search_subject TEXT GENERATED ALWAYS AS (
        replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(subject,
        'Æ', 'ae'), 'æ', 'ae'), 'Ð', 'd'), 'ð', 'd'), 'Đ', 'd'), 'đ', 'd'), 'Ħ', 'h'), 'ħ', 'h'), 'ı', 'i'),
        'Ł', 'l'), 'ł', 'l'), 'Ŋ', 'n'), 'ŋ', 'n'), 'Ø', 'o'), 'ø', 'o'), 'Œ', 'oe'), 'œ', 'oe'), 'ẞ', 'ss'),
        'ß', 'ss'), 'Þ', 'th'), 'þ', 'th'), 'Ŧ', 't'), 'ŧ', 't')) VIRTUAL;

CREATE VIRTUAL TABLE message_search USING fts5 (
    search_content, content = 'messages', content_rowid = 'place', tokenize = 'unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE subject_search USING fts5 (
    search_subject, content = 'conversations', content_rowid = 'seq', tokenize = 'unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE message_terms USING fts5vocab (message_search, instance);
INSERT INTO message_search (message_search, rank) VALUES ('secure-delete', 1);
INSERT INTO subject_search (subject_search, rank) VALUES ('secure-delete', 1);

CREATE TRIGGER messages_searchable AFTER INSERT ON messages BEGIN
    INSERT INTO message_search (rowid, search_content) VALUES (new.place, new.search_content);
END;
CREATE TRIGGER messages_search_changed AFTER UPDATE OF content ON messages BEGIN
    INSERT INTO message_search (message_search, rowid, search_content) VALUES ('delete', old.place, old.search_content);
    INSERT INTO message_search (rowid, search_content) VALUES (new.place, new.search_content);
END;
CREATE TRIGGER messages_unsearchable AFTER DELETE ON messages BEGIN
    INSERT INTO message_search (message_search, rowid, search_content) VALUES ('delete', old.place, old.search_content);
END;
CREATE TRIGGER subjects_searchable AFTER INSERT ON conversations WHEN new.subject IS NOT NULL BEGIN
    INSERT INTO subject_search (rowid, search_subject) VALUES (new.seq, new.search_subject);
END;
CREATE TRIGGER subjects_search_changed AFTER UPDATE OF subject ON conversations WHEN old.subject IS NOT new.subject BEGIN
    INSERT INTO subject_search (subject_search, rowid, search_subject)
        SELECT 'delete', old.seq, old.search_subject WHERE old.subject IS NOT NULL;
    INSERT INTO subject_search (rowid, search_subject) SELECT new.seq, new.search_subject WHERE new.subject IS NOT NULL;
END;
CREATE TRIGGER subjects_unsearchable AFTER DELETE ON conversations WHEN old.subject IS NOT NULL BEGIN
    INSERT INTO subject_search (subject_search, rowid, search_subject) VALUES ('delete', old.seq, old.search_subject);
END;

-- In the order of the index: any other makes it write a part for every row.
INSERT INTO message_search (rowid, search_content) SELECT place, search_content FROM messages ORDER BY place;
INSERT INTO subject_search (rowid, search_subject)
    SELECT seq, search_subject FROM conversations WHERE subject IS NOT NULL ORDER BY seq;

-- The texts of guests, entries and tags are folded already, but for these letters.
CREATE TEMP TABLE refolded AS
    SELECT seq, replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(search_text,
        'æ', 'ae'), 'ð', 'd'), 'đ', 'd'), 'ħ', 'h'), 'ı', 'i'), 'ł', 'l'), 'ŋ', 'n'), 'ø', 'o'), 'œ', 'oe'), 'ß', 'ss'), 'þ', 'th'), 'ŧ', 't') AS search_text, '' AS search_grams
    FROM guests WHERE search_text GLOB '*[æðđħıłŋøœßþŧ]*';
-- Every letter and every two neighbours of a word, once each.
UPDATE refolded
SET search_grams = (
    WITH RECURSIVE places (place) AS (
        SELECT 1 UNION ALL SELECT place + 1 FROM places WHERE place < length(search_text)),
    parts (part) AS (
        SELECT substr(search_text, place, 1) FROM places
        UNION SELECT substr(search_text, place, 2) FROM places WHERE place < length(search_text))
    SELECT group_concat(part, ' ') FROM parts WHERE instr(part, ' ') = 0 AND instr(part, char(10)) = 0);
UPDATE guests
SET search_text = refolded.search_text, search_grams = refolded.search_grams
FROM refolded WHERE refolded.seq = guests.seq;
DROP TABLE refolded;

UPDATE knowledge
SET search_title = replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(search_title,
        'æ', 'ae'), 'ð', 'd'), 'đ', 'd'), 'ħ', 'h'), 'ı', 'i'), 'ł', 'l'), 'ŋ', 'n'), 'ø', 'o'), 'œ', 'oe'), 'ß', 'ss'), 'þ', 'th'), 'ŧ', 't'),
    search_content = replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(search_content,
        'æ', 'ae'), 'ð', 'd'), 'đ', 'd'), 'ħ', 'h'), 'ı', 'i'), 'ł', 'l'), 'ŋ', 'n'), 'ø', 'o'), 'œ', 'oe'), 'ß', 'ss'), 'þ', 'th'), 'ŧ', 't')
WHERE search_title GLOB '*[æðđħıłŋøœßþŧ]*' OR search_content GLOB '*[æðđħıłŋøœßþŧ]*';

INSERT INTO guest_tags (tag_key, guest_seq)
    SELECT replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(tag_key,
        'æ', 'ae'), 'ð', 'd'), 'đ', 'd'), 'ħ', 'h'), 'ı', 'i'), 'ł', 'l'), 'ŋ', 'n'), 'ø', 'o'), 'œ', 'oe'), 'ß', 'ss'), 'þ', 'th'), 'ŧ', 't'), guest_seq
    FROM guest_tags WHERE tag_key GLOB '*[æðđħıłŋøœßþŧ]*'
    ON CONFLICT DO NOTHING;
DELETE FROM guest_tags WHERE tag_key GLOB '*[æðđħıłŋøœßþŧ]*';

CREATE TABLE merged_guests (
    id TEXT PRIMARY KEY,
    merged_into TEXT NOT NULL,
    merged_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX merged_guests_of ON merged_guests (merged_into);
INSERT INTO merged_guests (id, merged_into, merged_at)
    SELECT other_id, kept_id, max(created_at) FROM merges
    WHERE NOT EXISTS (SELECT 1 FROM guests WHERE guests.id = other_id) GROUP BY other_id;
