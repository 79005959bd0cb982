-- The whole database of one hotel. It always equals jack/migrations applied one after another to the first release.
--
-- Conventions
--   id   what the API shows: prefix + UUIDv7, opaque, never reused
--   seq  the row's place in time; orders pages, breaks ties, joins the search indexes; never leaves the house
--   …_at RFC 3339 UTC text with milliseconds and Z, so that text order is time order
--   *_key  the form of a value that is compared (case folded e-mail, folded tag), beside the form that is shown

-- Who runs this copy: one row, made with the file.
CREATE TABLE instance (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    id TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;

-- ---------------------------------------------------------------------------------------------- staff and sessions

CREATE TABLE staff (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL CHECK (role IN ('admin', 'manager', 'staff')),
    department TEXT,
    active INTEGER NOT NULL DEFAULT 1 CHECK (active IN (0, 1)),
    password_hash TEXT,                                  -- NULL: invited, has not chosen one yet
    password_changed_at TEXT,
    last_seen_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

-- One row a signed-in device; the token carries only its id.
CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    staff_id TEXT NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    revoked_at TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_of_staff ON sessions (staff_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Who is deactivated is out at once, and is not let in by an old token or link should they come back.
CREATE TRIGGER staff_deactivated AFTER UPDATE OF active ON staff WHEN new.active = 0 BEGIN
    UPDATE sessions SET revoked_at = new.updated_at WHERE staff_id = new.id AND revoked_at IS NULL;
    DELETE FROM invites WHERE staff_id = new.id;
END;

-- One-time links: the very first set-up, and invitations (also a new password by an admin's hand).
CREATE TABLE invites (
    token_hash TEXT PRIMARY KEY,                         -- SHA-256; the token itself is shown once and never kept
    purpose TEXT NOT NULL CHECK (purpose IN ('setup', 'invite')),
    staff_id TEXT REFERENCES staff (id) ON DELETE CASCADE,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    CHECK ((purpose = 'setup') = (staff_id IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX invites_of_staff ON invites (staff_id);

-- ---------------------------------------------------------------------------------------------- guests

CREATE TABLE guests (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    email TEXT,
    email_key TEXT UNIQUE,
    phone TEXT UNIQUE,
    tags TEXT NOT NULL DEFAULT '[]' CHECK (json_type(tags) = 'array'),
    notes TEXT,
    language TEXT,
    search_text TEXT NOT NULL,                           -- name, e-mail, phone: case and accents folded away
    search_grams TEXT NOT NULL,                          -- its one- and two-letter parts, for short searches
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;

-- By which address, on which channel, a guest is known. A guest may have several, a WhatsApp guest none with a phone.
CREATE TABLE guest_identities (
    channel TEXT NOT NULL CHECK (channel IN ('whatsapp', 'sms', 'email', 'web')),
    address TEXT NOT NULL,
    guest_id TEXT NOT NULL REFERENCES guests (id) ON DELETE CASCADE,
    created_at TEXT NOT NULL,
    PRIMARY KEY (channel, address)
) STRICT, WITHOUT ROWID;
CREATE INDEX identities_of_guest ON guest_identities (guest_id);

-- guests.tags once more, as rows, because a filter over JSON reads every guest.
CREATE TABLE guest_tags (
    tag_key TEXT NOT NULL,
    guest_seq INTEGER NOT NULL REFERENCES guests (seq) ON DELETE CASCADE,
    PRIMARY KEY (tag_key, guest_seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX tags_of_guest ON guest_tags (guest_seq);

-- Three letters and more: any part of the text. Shorter: the parts themselves are the words.
CREATE VIRTUAL TABLE guest_search USING fts5 (
    search_text, content = 'guests', content_rowid = 'seq', tokenize = 'trigram case_sensitive 1');
CREATE VIRTUAL TABLE guest_grams USING fts5 (
    search_grams, content = 'guests', content_rowid = 'seq', detail = none, columnsize = 0,
    tokenize = "unicode61 remove_diacritics 0 categories 'L* M* N* P* S* Co'");
INSERT INTO guest_search (guest_search, rank) VALUES ('secure-delete', 1);
INSERT INTO guest_grams (guest_grams, rank) VALUES ('secure-delete', 1);

CREATE TRIGGER guests_searchable AFTER INSERT ON guests BEGIN
    INSERT INTO guest_search (rowid, search_text) VALUES (new.seq, new.search_text);
    INSERT INTO guest_grams (rowid, search_grams) VALUES (new.seq, new.search_grams);
END;
CREATE TRIGGER guests_search_changed AFTER UPDATE OF search_text ON guests WHEN old.search_text <> new.search_text BEGIN
    INSERT INTO guest_search (guest_search, rowid, search_text) VALUES ('delete', old.seq, old.search_text);
    INSERT INTO guest_grams (guest_grams, rowid, search_grams) VALUES ('delete', old.seq, old.search_grams);
    INSERT INTO guest_search (rowid, search_text) VALUES (new.seq, new.search_text);
    INSERT INTO guest_grams (rowid, search_grams) VALUES (new.seq, new.search_grams);
END;
CREATE TRIGGER guests_unsearchable AFTER DELETE ON guests BEGIN
    INSERT INTO guest_search (guest_search, rowid, search_text) VALUES ('delete', old.seq, old.search_text);
    INSERT INTO guest_grams (guest_grams, rowid, search_grams) VALUES ('delete', old.seq, old.search_grams);
END;

-- ---------------------------------------------------------------------------------------------- conversations

CREATE TABLE conversations (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    guest_id TEXT REFERENCES guests (id),                -- NULL: the guest was erased
    channel TEXT NOT NULL CHECK (channel IN ('whatsapp', 'sms', 'email', 'web')),
    status TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'pending', 'closed')),
    assignee_id TEXT REFERENCES staff (id),
    subject TEXT,
    preview TEXT,
    inbound_count INTEGER NOT NULL DEFAULT 0,            -- unread = this minus what the reader had seen
    last_message_at TEXT,
    active_at TEXT NOT NULL,                             -- last message, or creation: newest activity first
    first_response_at TEXT,
    waiting_since TEXT,                                  -- oldest inbound message nobody has answered
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
-- One index for every combination of the three filters: any page and any total is a single range.
CREATE INDEX conversations_newest ON conversations (active_at);
CREATE INDEX conversations_by_status ON conversations (status, active_at);
CREATE INDEX conversations_by_channel ON conversations (channel, active_at);
CREATE INDEX conversations_by_assignee ON conversations (assignee_id, active_at);
CREATE INDEX conversations_by_status_channel ON conversations (status, channel, active_at);
CREATE INDEX conversations_by_status_assignee ON conversations (status, assignee_id, active_at);
CREATE INDEX conversations_by_channel_assignee ON conversations (channel, assignee_id, active_at);
CREATE INDEX conversations_by_all ON conversations (status, channel, assignee_id, active_at);
CREATE INDEX conversations_of_guest ON conversations (guest_id, active_at);

CREATE TABLE conversation_reads (
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    staff_id TEXT NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    inbound_count INTEGER NOT NULL,
    PRIMARY KEY (conversation_id, staff_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE messages (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    conversation_seq INTEGER NOT NULL,
    -- By this the search index calls a message: it tells the conversation without reading a single message.
    place INTEGER NOT NULL GENERATED ALWAYS AS (conversation_seq << 32 | seq) VIRTUAL,
    direction TEXT NOT NULL CHECK (direction IN ('inbound', 'outbound')),
    type TEXT NOT NULL CHECK (type IN ('text', 'note', 'image', 'file', 'location', 'unsupported')),
    content TEXT NOT NULL,
    status TEXT CHECK (status IN ('received', 'queued', 'sending', 'sent', 'delivered', 'read', 'failed', 'unknown')),
    author_type TEXT NOT NULL CHECK (author_type IN ('guest', 'staff', 'system')),
    author_id TEXT,
    error TEXT,
    provider_id TEXT,
    created_at TEXT NOT NULL,
    sent_at TEXT,
    delivered_at TEXT,
    read_at TEXT,
    CHECK ((type = 'note') = (status IS NULL)),          -- a note never leaves the house: it has no delivery status
    CHECK ((status = 'received') = (direction = 'inbound') OR status IS NULL)
) STRICT;
CREATE INDEX messages_of_conversation ON messages (conversation_id);
CREATE UNIQUE INDEX messages_by_provider_id ON messages (provider_id) WHERE provider_id IS NOT NULL;

CREATE VIRTUAL TABLE message_search USING fts5 (
    content, content = 'messages', content_rowid = 'place', tokenize = 'unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE subject_search USING fts5 (
    subject, content = 'conversations', content_rowid = 'seq', tokenize = 'unicode61 remove_diacritics 2');
INSERT INTO message_search (message_search, rank) VALUES ('secure-delete', 1);
INSERT INTO subject_search (subject_search, rank) VALUES ('secure-delete', 1);

CREATE TRIGGER messages_searchable AFTER INSERT ON messages BEGIN
    INSERT INTO message_search (rowid, content) VALUES (new.place, new.content);
END;
CREATE TRIGGER messages_search_changed AFTER UPDATE OF content ON messages BEGIN
    INSERT INTO message_search (message_search, rowid, content) VALUES ('delete', old.place, old.content);
    INSERT INTO message_search (rowid, content) VALUES (new.place, new.content);
END;
CREATE TRIGGER messages_unsearchable AFTER DELETE ON messages BEGIN
    INSERT INTO message_search (message_search, rowid, content) VALUES ('delete', old.place, old.content);
END;
CREATE TRIGGER subjects_searchable AFTER INSERT ON conversations WHEN new.subject IS NOT NULL BEGIN
    INSERT INTO subject_search (rowid, subject) VALUES (new.seq, new.subject);
END;
CREATE TRIGGER subjects_search_changed AFTER UPDATE OF subject ON conversations WHEN old.subject IS NOT new.subject BEGIN
    INSERT INTO subject_search (subject_search, rowid, subject)
        SELECT 'delete', old.seq, old.subject WHERE old.subject IS NOT NULL;
    INSERT INTO subject_search (rowid, subject) SELECT new.seq, new.subject WHERE new.subject IS NOT NULL;
END;
CREATE TRIGGER subjects_unsearchable AFTER DELETE ON conversations WHEN old.subject IS NOT NULL BEGIN
    INSERT INTO subject_search (subject_search, rowid, subject) VALUES ('delete', old.seq, old.subject);
END;

-- What has come in, once each: the provider's own key for it (for web chat, session and the client's message id).
CREATE TABLE inbound (
    account TEXT NOT NULL,
    event_key TEXT NOT NULL,
    message_id TEXT REFERENCES messages (id) ON DELETE CASCADE,
    received_at TEXT NOT NULL,
    PRIMARY KEY (account, event_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX inbound_of_message ON inbound (message_id);

-- What has yet to go out: one row a message, gone when its fate is known.
CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL UNIQUE REFERENCES messages (id) ON DELETE CASCADE,
    channel TEXT NOT NULL CHECK (channel IN ('whatsapp', 'sms', 'email', 'web')),
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at TEXT NOT NULL,
    owner TEXT,                                          -- the worker that is sending it now, until …
    lease_until TEXT,                                    -- … then: may have been sent, never resent blindly
    created_at TEXT NOT NULL,
    CHECK ((owner IS NULL) = (lease_until IS NULL))
) STRICT;
CREATE INDEX outbox_due ON outbox (due_at) WHERE owner IS NULL;
CREATE INDEX outbox_leases ON outbox (lease_until) WHERE owner IS NOT NULL;

-- ---------------------------------------------------------------------------------------------- web chat

CREATE TABLE webchat_sessions (
    id TEXT PRIMARY KEY,
    token_hash TEXT NOT NULL UNIQUE,
    guest_id TEXT REFERENCES guests (id) ON DELETE CASCADE,             -- from the first message on
    name TEXT,
    email TEXT,
    email_proven INTEGER NOT NULL DEFAULT 0 CHECK (email_proven IN (0, 1)),
    language TEXT,
    delivered_seq INTEGER NOT NULL DEFAULT 0,            -- up to where the visitor has fetched
    read_seq INTEGER NOT NULL DEFAULT 0,                 -- up to where the visitor says to have read
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX webchat_sessions_of_guest ON webchat_sessions (guest_id);
CREATE INDEX webchat_sessions_by_expiry ON webchat_sessions (expires_at);

-- ---------------------------------------------------------------------------------------------- tasks

CREATE TABLE tasks (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    description TEXT,
    department TEXT NOT NULL,
    priority TEXT NOT NULL CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
    urgency INTEGER NOT NULL GENERATED ALWAYS AS (
        CASE priority WHEN 'urgent' THEN 0 WHEN 'high' THEN 1 WHEN 'normal' THEN 2 ELSE 3 END) STORED,
    status TEXT NOT NULL DEFAULT 'open'
        CHECK (status IN ('open', 'in_progress', 'blocked', 'completed', 'cancelled')),
    guest_id TEXT REFERENCES guests (id),
    conversation_id TEXT REFERENCES conversations (id) ON DELETE SET NULL,
    room TEXT,
    assignee_id TEXT REFERENCES staff (id),
    due_at TEXT NOT NULL,
    notes TEXT,
    completed_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CHECK ((status = 'completed') = (completed_at IS NOT NULL))
) STRICT;
CREATE INDEX tasks_in_order ON tasks (urgency, due_at);
CREATE INDEX tasks_by_status ON tasks (status, urgency, due_at);
CREATE INDEX tasks_by_department ON tasks (department, status, urgency, due_at);
CREATE INDEX tasks_by_assignee ON tasks (assignee_id, status, urgency, due_at);
CREATE INDEX tasks_of_guest ON tasks (guest_id) WHERE guest_id IS NOT NULL;
CREATE INDEX tasks_of_conversation ON tasks (conversation_id) WHERE conversation_id IS NOT NULL;

-- ---------------------------------------------------------------------------------------------- knowledge

CREATE TABLE knowledge (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    content TEXT NOT NULL,
    category TEXT NOT NULL
        CHECK (category IN ('room_type', 'policy', 'amenity', 'service', 'local_info', 'faq')),
    language TEXT,
    search_title TEXT NOT NULL,                          -- folded, with a space round every CJK sign: each is a word
    search_content TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
) STRICT;
CREATE INDEX knowledge_by_category ON knowledge (category);
CREATE INDEX knowledge_by_language ON knowledge (language);
CREATE INDEX knowledge_by_category_language ON knowledge (category, language);

CREATE VIRTUAL TABLE knowledge_search USING fts5 (
    search_title, search_content, content = 'knowledge', content_rowid = 'seq', prefix = '2 3',
    tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co So'");
CREATE TRIGGER knowledge_searchable AFTER INSERT ON knowledge BEGIN
    INSERT INTO knowledge_search (rowid, search_title, search_content)
        VALUES (new.seq, new.search_title, new.search_content);
END;
CREATE TRIGGER knowledge_search_changed AFTER UPDATE ON knowledge BEGIN
    INSERT INTO knowledge_search (knowledge_search, rowid, search_title, search_content)
        VALUES ('delete', old.seq, old.search_title, old.search_content);
    INSERT INTO knowledge_search (rowid, search_title, search_content)
        VALUES (new.seq, new.search_title, new.search_content);
END;
CREATE TRIGGER knowledge_unsearchable AFTER DELETE ON knowledge BEGIN
    INSERT INTO knowledge_search (knowledge_search, rowid, search_title, search_content)
        VALUES ('delete', old.seq, old.search_title, old.search_content);
END;

-- ---------------------------------------------------------------------------------------------- the house

CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL CHECK (json_type(value) = 'object'),
    updated_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What happened, in the same transaction as the change. Ids only: no personal data to erase here.
-- The newest row is never dropped, so that no seq is given out twice.
CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    type TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    conversation_id TEXT,
    actor_id TEXT,
    created_at TEXT NOT NULL
) STRICT;

-- First answers to requests with an Idempotency-Key, kept 24 h, written in the same transaction as their change.
CREATE TABLE idempotency (
    caller TEXT NOT NULL,
    key_hash TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    status INTEGER NOT NULL,
    headers TEXT NOT NULL,
    answer BLOB NOT NULL,
    sealed INTEGER NOT NULL CHECK (sealed IN (0, 1)),    -- an answer with a secret in it is kept encrypted
    created_at TEXT NOT NULL,
    PRIMARY KEY (caller, key_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency (created_at);
