-- Who is named in notes (`@name`).

CREATE TABLE mentions (
    message_id TEXT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    staff_id TEXT NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    PRIMARY KEY (message_id, staff_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX mentions_of_staff ON mentions (staff_id, conversation_id);
CREATE INDEX mentions_in_conversation ON mentions (conversation_id);
