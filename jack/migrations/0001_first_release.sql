-- The whole database of one hotel. It always equals jack/migrations applied one after another to the first release.
--
-- Conventions
--   id   what the API shows: prefix + UUIDv7, opaque, never reused
--   seq  the row's place in time; orders pages, breaks ties, joins the search indexes; never shown by the API
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

-- Who wants a letter with a link to choose another password. Kept until it has left, an hour at the most.
CREATE TABLE forgotten_passwords (
    email_key TEXT PRIMARY KEY,                          -- as it was typed, whether or not it is anybody's
    asked_at TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_try_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

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
    address TEXT NOT NULL,                               -- the form that is compared
    verbatim TEXT,                                       -- what the provider calls them, and is replied to; NULL: typed in
    guest_id TEXT NOT NULL REFERENCES guests (id) ON DELETE CASCADE,
    last_inbound_at TEXT,
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

-- How many guests have each tag, kept by triggers.
CREATE TABLE tag_tally (
    tag_key TEXT PRIMARY KEY NOT NULL,
    guests INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER guest_tagged AFTER INSERT ON guest_tags BEGIN
    INSERT INTO tag_tally (tag_key, guests) VALUES (new.tag_key, 1)
        ON CONFLICT DO UPDATE SET guests = guests + 1;
END;
CREATE TRIGGER guest_untagged AFTER DELETE ON guest_tags BEGIN
    UPDATE tag_tally SET guests = guests - 1 WHERE tag_key = old.tag_key;
    DELETE FROM tag_tally WHERE tag_key = old.tag_key AND guests = 0;
END;

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
-- One index for every combination of the three filters: any page is a single range.
CREATE INDEX conversations_newest ON conversations (active_at);
CREATE INDEX conversations_by_status ON conversations (status, active_at);
CREATE INDEX conversations_by_channel ON conversations (channel, active_at);
CREATE INDEX conversations_by_assignee ON conversations (assignee_id, active_at);
CREATE INDEX conversations_by_status_channel ON conversations (status, channel, active_at);
CREATE INDEX conversations_by_status_assignee ON conversations (status, assignee_id, active_at);
CREATE INDEX conversations_by_channel_assignee ON conversations (channel, assignee_id, active_at);
CREATE INDEX conversations_by_all ON conversations (status, channel, assignee_id, active_at);
CREATE INDEX conversations_of_guest ON conversations (guest_id, active_at);

-- How many conversations there are of each kind, kept by triggers: a total is a sum over a few rows. Nobody's have assignee ''.
CREATE TABLE conversation_tally (
    status TEXT NOT NULL,
    channel TEXT NOT NULL,
    assignee_id TEXT NOT NULL,
    waiting INTEGER NOT NULL,                            -- somebody waits for an answer
    heard INTEGER NOT NULL,                              -- the guest has written
    conversations INTEGER NOT NULL,
    PRIMARY KEY (status, channel, assignee_id, waiting, heard)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER conversations_tallied AFTER INSERT ON conversations BEGIN
    INSERT INTO conversation_tally (status, channel, assignee_id, waiting, heard, conversations)
        VALUES (new.status, new.channel, coalesce(new.assignee_id, ''), new.waiting_since IS NOT NULL, new.inbound_count > 0, 1)
        ON CONFLICT DO UPDATE SET conversations = conversations + 1;
END;
CREATE TRIGGER conversations_tally_changed
AFTER UPDATE OF status, channel, assignee_id, waiting_since, inbound_count ON conversations
WHEN old.status <> new.status OR old.channel <> new.channel OR old.assignee_id IS NOT new.assignee_id
  OR (old.waiting_since IS NULL) <> (new.waiting_since IS NULL) OR (old.inbound_count > 0) <> (new.inbound_count > 0) BEGIN
    UPDATE conversation_tally SET conversations = conversations - 1
        WHERE (status, channel, assignee_id, waiting, heard)
            = (old.status, old.channel, coalesce(old.assignee_id, ''), old.waiting_since IS NOT NULL, old.inbound_count > 0);
    DELETE FROM conversation_tally
        WHERE (status, channel, assignee_id, waiting, heard)
            = (old.status, old.channel, coalesce(old.assignee_id, ''), old.waiting_since IS NOT NULL, old.inbound_count > 0) AND conversations = 0;
    INSERT INTO conversation_tally (status, channel, assignee_id, waiting, heard, conversations)
        VALUES (new.status, new.channel, coalesce(new.assignee_id, ''), new.waiting_since IS NOT NULL, new.inbound_count > 0, 1)
        ON CONFLICT DO UPDATE SET conversations = conversations + 1;
END;
CREATE TRIGGER conversations_untallied AFTER DELETE ON conversations BEGIN
    UPDATE conversation_tally SET conversations = conversations - 1
        WHERE (status, channel, assignee_id, waiting, heard)
            = (old.status, old.channel, coalesce(old.assignee_id, ''), old.waiting_since IS NOT NULL, old.inbound_count > 0);
    DELETE FROM conversation_tally
        WHERE (status, channel, assignee_id, waiting, heard)
            = (old.status, old.channel, coalesce(old.assignee_id, ''), old.waiting_since IS NOT NULL, old.inbound_count > 0) AND conversations = 0;
END;

CREATE TABLE conversation_reads (
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    staff_id TEXT NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    inbound_count INTEGER NOT NULL,
    current INTEGER NOT NULL CHECK (current IN (0, 1)),  -- all that the guest has written has been read
    PRIMARY KEY (conversation_id, staff_id)
) STRICT, WITHOUT ROWID;

-- How many conversations a member has read to their end: what a guest wrote in the others is unread.
CREATE TABLE read_tally (
    staff_id TEXT NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    status TEXT NOT NULL,
    channel TEXT NOT NULL,
    assignee_id TEXT NOT NULL,
    conversations INTEGER NOT NULL,
    PRIMARY KEY (staff_id, status, channel, assignee_id)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER reads_tallied AFTER INSERT ON conversation_reads WHEN new.current BEGIN
    INSERT INTO read_tally (staff_id, status, channel, assignee_id, conversations)
        SELECT new.staff_id, status, channel, coalesce(assignee_id, ''), 1 FROM conversations WHERE id = new.conversation_id
        ON CONFLICT DO UPDATE SET conversations = conversations + 1;
END;
CREATE TRIGGER reads_tally_changed AFTER UPDATE OF current ON conversation_reads WHEN old.current <> new.current BEGIN
    INSERT INTO read_tally (staff_id, status, channel, assignee_id, conversations)
        SELECT new.staff_id, status, channel, coalesce(assignee_id, ''), new.current - old.current
        FROM conversations WHERE id = new.conversation_id
        ON CONFLICT DO UPDATE SET conversations = conversations + excluded.conversations;
END;
CREATE TRIGGER reads_untallied AFTER DELETE ON conversation_reads WHEN old.current BEGIN
    INSERT INTO read_tally (staff_id, status, channel, assignee_id, conversations)
        SELECT old.staff_id, status, channel, coalesce(assignee_id, ''), -1 FROM conversations WHERE id = old.conversation_id
        ON CONFLICT DO UPDATE SET conversations = conversations - 1;
END;
-- First what has been read moves along, then it may not be all any more: in one trigger, for the order of several is not certain.
CREATE TRIGGER reads_of_conversation_changed
AFTER UPDATE OF status, channel, assignee_id, inbound_count ON conversations
WHEN old.status <> new.status OR old.channel <> new.channel OR old.assignee_id IS NOT new.assignee_id
  OR old.inbound_count <> new.inbound_count BEGIN
    INSERT INTO read_tally (staff_id, status, channel, assignee_id, conversations)
        SELECT staff_id, old.status, old.channel, coalesce(old.assignee_id, ''), -1
        FROM conversation_reads WHERE conversation_id = new.id AND current
        ON CONFLICT DO UPDATE SET conversations = conversations - 1;
    INSERT INTO read_tally (staff_id, status, channel, assignee_id, conversations)
        SELECT staff_id, new.status, new.channel, coalesce(new.assignee_id, ''), 1
        FROM conversation_reads WHERE conversation_id = new.id AND current
        ON CONFLICT DO UPDATE SET conversations = conversations + 1;
    UPDATE conversation_reads SET current = inbound_count >= new.inbound_count AND new.inbound_count > 0
        WHERE conversation_id = new.id AND current <> (inbound_count >= new.inbound_count AND new.inbound_count > 0);
END;
-- Before the conversation itself, which says where it was counted.
CREATE TRIGGER reads_of_conversation_gone BEFORE DELETE ON conversations BEGIN
    DELETE FROM conversation_reads WHERE conversation_id = old.id;
END;

CREATE TABLE messages (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    conversation_seq INTEGER NOT NULL,
    -- By this the search index calls a message: it tells the conversation without reading a single message.
    place INTEGER NOT NULL GENERATED ALWAYS AS (conversation_seq << 32 | seq) VIRTUAL,
    direction TEXT NOT NULL CHECK (direction IN ('inbound', 'outbound')),
    type TEXT NOT NULL CHECK (type IN ('text', 'note', 'image', 'file', 'location', 'unsupported', 'template')),
    content TEXT NOT NULL,
    status TEXT CHECK (status IN ('received', 'queued', 'sending', 'sent', 'delivered', 'read', 'failed', 'unknown')),
    author_type TEXT NOT NULL CHECK (author_type IN ('guest', 'staff', 'system')),
    author_id TEXT,
    error TEXT,
    details TEXT CHECK (details IS NULL OR json_type(details) = 'object'),  -- what a text alone cannot say
    parts INTEGER NOT NULL DEFAULT 1 CHECK (parts > 0),  -- in how many pieces it leaves
    created_at TEXT NOT NULL,
    sent_at TEXT,
    delivered_at TEXT,
    read_at TEXT,
    CHECK ((type = 'note') = (status IS NULL)),          -- a note is never sent: it has no delivery status
    CHECK ((status = 'received') = (direction = 'inbound') OR status IS NULL)
) STRICT;
CREATE INDEX messages_of_conversation ON messages (conversation_id);

CREATE VIRTUAL TABLE message_search USING fts5 (
    content, content = 'messages', content_rowid = 'place', tokenize = 'unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE subject_search USING fts5 (
    subject, content = 'conversations', content_rowid = 'seq', tokenize = 'unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE message_terms USING fts5vocab (message_search, instance);
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
    message_id TEXT REFERENCES messages (id) ON DELETE CASCADE,          -- NULL: it made no message
    answers TEXT CHECK (answers IS NULL OR json_type(answers) = 'array'),  -- what a mail says to answer, nearest first
    received_at TEXT NOT NULL,
    PRIMARY KEY (account, event_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX inbound_of_message ON inbound (message_id);

-- What has yet to go out: one row a message, gone when its fate is known. A conversation's leave one after the other.
CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL UNIQUE REFERENCES messages (id) ON DELETE CASCADE,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    channel TEXT NOT NULL CHECK (channel IN ('whatsapp', 'sms', 'email', 'web')),
    round INTEGER NOT NULL DEFAULT 0,                    -- how often it has been sent again by hand
    parts_sent INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at TEXT NOT NULL,
    owner TEXT,                                          -- the worker that is sending it now, until …
    lease_until TEXT,                                    -- … then: may have been sent, never resent blindly
    claimed_at TEXT,
    created_at TEXT NOT NULL,
    CHECK ((owner IS NULL) = (lease_until IS NULL))
) STRICT;
CREATE INDEX outbox_due ON outbox (channel, due_at) WHERE owner IS NULL;
CREATE INDEX outbox_leases ON outbox (lease_until) WHERE owner IS NOT NULL;
CREATE INDEX outbox_of_conversation ON outbox (conversation_id);

-- What providers have accepted, by their name for it: one row a part of a message, and what became of that part.
CREATE TABLE sendings (
    account TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    message_id TEXT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    part INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('sent', 'delivered', 'read', 'failed')),
    error TEXT,
    sent_at TEXT NOT NULL,
    PRIMARY KEY (account, provider_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sendings_of_message ON sendings (message_id, part);

-- What providers say became of it, each once, for 30 days: it may come before we know their name for a message.
CREATE TABLE receipts (
    seq INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    status TEXT NOT NULL,
    error TEXT,
    at TEXT NOT NULL,
    received_at TEXT NOT NULL,
    UNIQUE (account, provider_id, status)
) STRICT;
CREATE INDEX receipts_by_age ON receipts (received_at);

-- Parts of messages that may have been sent: the provider is asked, if it can tell, before the staff have to decide.
CREATE TABLE doubts (
    message_id TEXT PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    channel TEXT NOT NULL CHECK (channel IN ('whatsapp', 'sms', 'email', 'web')),
    part INTEGER NOT NULL,
    since TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX doubts_due ON doubts (due_at);

-- How the hotel's accounts at its providers are: one row for each that was ever used.
CREATE TABLE accounts (
    name TEXT PRIMARY KEY,
    last_inbound_at TEXT,
    last_outbound_at TEXT,
    last_error TEXT,
    last_error_at TEXT,
    paused_at TEXT,                                      -- its queue is kept since then, …
    paused_until TEXT,                                   -- … is tried with one message then, …
    paused_because TEXT,
    paused_settings TEXT,                                -- … or as soon as the settings are not those of this time
    pauses INTEGER NOT NULL DEFAULT 0,                   -- how often in a row: each is longer
    resumed_at TEXT,
    polled_at TEXT,
    place TEXT CHECK (place IS NULL OR json_type(place) = 'object'),     -- up to where a mailbox has been read
    CHECK ((paused_at IS NULL) = (paused_until IS NULL))
) STRICT, WITHOUT ROWID;

-- Who has asked to hear no more from an account. It names no guest and no address, so that it outlives an erasure.
CREATE TABLE consents (
    channel TEXT NOT NULL CHECK (channel IN ('whatsapp', 'sms', 'email', 'web')),
    address_hash TEXT NOT NULL,                          -- HMAC-SHA-256 of channel and address, by the id of this copy
    account TEXT NOT NULL,
    stopped_at TEXT NOT NULL,
    PRIMARY KEY (channel, address_hash, account)
) STRICT, WITHOUT ROWID;

-- What came in and could not be read, put aside whole: `file` is its name in quarantine/ beside this file.
CREATE TABLE quarantine (
    seq INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    event_key TEXT NOT NULL,
    reason TEXT NOT NULL,
    file TEXT,
    created_at TEXT NOT NULL,
    UNIQUE (account, event_key)
) STRICT;

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
CREATE INDEX tasks_by_status ON tasks (status, urgency, due_at);
CREATE INDEX tasks_by_department ON tasks (department, status, urgency, due_at);
CREATE INDEX tasks_by_assignee ON tasks (assignee_id, status, urgency, due_at);
CREATE INDEX tasks_of_guest ON tasks (guest_id) WHERE guest_id IS NOT NULL;
CREATE INDEX tasks_of_conversation ON tasks (conversation_id) WHERE conversation_id IS NOT NULL;

-- How many tasks there are of each kind, kept by triggers: a total is a sum over a few rows. Nobody's have assignee ''.
-- The newest, fewer than 64, are not in it yet and are counted one by one: a new task has one page less to write.
CREATE TABLE task_tally (
    status TEXT NOT NULL,
    urgency INTEGER NOT NULL,
    department TEXT NOT NULL,
    assignee_id TEXT NOT NULL,
    tasks INTEGER NOT NULL,
    PRIMARY KEY (status, urgency, department, assignee_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE task_tally_end (seq INTEGER NOT NULL) STRICT;               -- one row: the last task that is in the tally
INSERT INTO task_tally_end (seq) VALUES (0);
-- Those since the last time; or one that was given the number of one that is no more.
CREATE TRIGGER tasks_tallied AFTER INSERT ON tasks
WHEN (SELECT new.seq <= seq OR new.seq >= seq + 64 FROM task_tally_end) BEGIN
    INSERT INTO task_tally (status, urgency, department, assignee_id, tasks)
        SELECT status, urgency, department, coalesce(assignee_id, ''), count(*) FROM tasks
        WHERE seq > (SELECT min(seq, new.seq - 1) FROM task_tally_end) AND seq <= new.seq GROUP BY 1, 2, 3, 4
        ON CONFLICT DO UPDATE SET tasks = tasks + excluded.tasks;
    UPDATE task_tally_end SET seq = max(seq, new.seq);
END;
CREATE TRIGGER tasks_tally_changed AFTER UPDATE OF status, priority, department, assignee_id ON tasks
WHEN ((old.status, old.urgency, old.department) <> (new.status, new.urgency, new.department)
  OR old.assignee_id IS NOT new.assignee_id) AND old.seq <= (SELECT seq FROM task_tally_end) BEGIN
    UPDATE task_tally SET tasks = tasks - 1
        WHERE status = old.status AND urgency = old.urgency AND department = old.department
          AND assignee_id = coalesce(old.assignee_id, '');
    DELETE FROM task_tally
        WHERE status = old.status AND urgency = old.urgency AND department = old.department
          AND assignee_id = coalesce(old.assignee_id, '') AND tasks = 0;
    INSERT INTO task_tally (status, urgency, department, assignee_id, tasks)
        VALUES (new.status, new.urgency, new.department, coalesce(new.assignee_id, ''), 1)
        ON CONFLICT DO UPDATE SET tasks = tasks + 1;
END;
CREATE TRIGGER tasks_untallied AFTER DELETE ON tasks WHEN old.seq <= (SELECT seq FROM task_tally_end) BEGIN
    UPDATE task_tally SET tasks = tasks - 1
        WHERE status = old.status AND urgency = old.urgency AND department = old.department
          AND assignee_id = coalesce(old.assignee_id, '');
    DELETE FROM task_tally
        WHERE status = old.status AND urgency = old.urgency AND department = old.department
          AND assignee_id = coalesce(old.assignee_id, '') AND tasks = 0;
END;

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

-- ---------------------------------------------------------------------------------------------- attachments

-- Files that came with a message, or leave with one. The bytes are in attachments/ beside this file, under `file`: a name
-- of Jack's own, written once, before the row that names it is committed. `name` is for people's eyes only.
CREATE TABLE attachments (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    message_id TEXT REFERENCES messages (id) ON DELETE CASCADE,          -- NULL: uploaded, not sent yet
    place INTEGER NOT NULL DEFAULT 0,                    -- which of its message's files
    status TEXT NOT NULL CHECK (status IN ('pending', 'ready', 'failed')),
    name TEXT NOT NULL,
    mime TEXT NOT NULL,                                  -- as the bytes say; of one that is not here, as the sender claims
    size INTEGER,
    digest TEXT,                                         -- SHA-256, hex
    file TEXT UNIQUE,
    error TEXT,
    uploaded_by TEXT REFERENCES staff (id),              -- NULL: received
    account TEXT,                                        -- where it is to be fetched, and …
    source TEXT,                                         -- … what the provider calls it
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at TEXT,
    created_at TEXT NOT NULL,
    CHECK ((status = 'ready') = (file IS NOT NULL AND size IS NOT NULL AND digest IS NOT NULL)),
    CHECK ((status = 'pending') = (due_at IS NOT NULL AND source IS NOT NULL)),
    CHECK (status <> 'failed' OR error IS NOT NULL)
) STRICT;
CREATE INDEX attachments_of_message ON attachments (message_id, place) WHERE message_id IS NOT NULL;
CREATE INDEX attachments_due ON attachments (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX attachments_unsent ON attachments (created_at) WHERE message_id IS NULL;

-- ---------------------------------------------------------------------------------------------- guests met twice

-- What a merge took from the guest that is no more and gave to the one that stays: enough to undo it for 30 days.
CREATE TABLE merges (
    id TEXT PRIMARY KEY,
    kept_id TEXT NOT NULL,
    other_id TEXT NOT NULL,
    other TEXT NOT NULL CHECK (json_type(other) = 'object'),             -- the profile as it was
    moved TEXT NOT NULL CHECK (json_type(moved) = 'object'),             -- whose rows are whose, by table
    created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX merges_of_kept ON merges (kept_id);
CREATE INDEX merges_by_age ON merges (created_at);

-- By what two profiles may be the same person: the folded name, the end of a phone number, an e-mail a visitor gives.
CREATE INDEX guests_by_name ON guests (substr(search_text, 1, instr(search_text || char(10), char(10)) - 1));
CREATE INDEX guests_by_digits ON guests (substr(search_text, -8)) WHERE phone IS NOT NULL;
CREATE INDEX identities_by_digits ON guest_identities (substr(address, -8)) WHERE channel IN ('sms', 'whatsapp');
CREATE INDEX webchat_sessions_by_email ON webchat_sessions (lower(email)) WHERE guest_id IS NOT NULL;

-- ---------------------------------------------------------------------------------------------- settings, events, idempotency

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
