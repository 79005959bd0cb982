-- Who looks at a conversation or writes in it, for seconds; it is no change of the conversation.
CREATE TABLE presence (
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    staff_id TEXT NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    state TEXT NOT NULL CHECK (state IN ('viewing', 'writing')),
    until TEXT NOT NULL,
    PRIMARY KEY (conversation_id, staff_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX presence_by_until ON presence (until);
