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
    created_at TEXT NOT NULL,
    backed_up_at TEXT,                                   -- when the last backup was complete; NULL: there was none
    erasures_looked_at TEXT                              -- when it was last looked at who is to be erased by themselves
) STRICT;

-- What the watchdog has found to be out of order.
CREATE TABLE faults (
    kind TEXT NOT NULL CHECK (kind IN ('mailbox', 'channel', 'webhook', 'disk', 'backup', 'clock')),
    subject_id TEXT NOT NULL,                            -- the channel or webhook; of the others ''
    since TEXT NOT NULL,
    ended_at TEXT,                                       -- well again, and kept until administrators have been told so
    told_at TEXT,                                        -- when administrators were told that it is not well
    PRIMARY KEY (kind, subject_id)
) STRICT, WITHOUT ROWID;

-- The channels there are. Other tables name a channel as the guest's identity or the conversation does.
CREATE TABLE channels (
    name TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;
INSERT INTO channels (name) VALUES ('whatsapp'), ('sms'), ('email'), ('web');

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
    password_hash TEXT,                                  -- NULL: invited, no password chosen yet
    password_changed_at TEXT,
    last_seen_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    changed_seq INTEGER                                  -- its place in the order of the last change; set by triggers
) STRICT;

-- One row a signed-in device; the token carries only its id.
CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    staff_id TEXT NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    revoked_at TEXT,
    last_used_at TEXT,                                   -- to five minutes
    ip TEXT,                                             -- of the last use that was noted
    user_agent TEXT                                      -- as the browser said at sign-in, 300 characters at the most
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_of_staff ON sessions (staff_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- The second factor of a member: the secret of their authenticator app (RFC 6238).
CREATE TABLE totp (
    staff_id TEXT PRIMARY KEY REFERENCES staff (id) ON DELETE CASCADE,
    secret BLOB NOT NULL,                                -- encrypted with a key that is made of the signing key
    last_step INTEGER NOT NULL DEFAULT 0,                -- of the last code that was used: none up to it works again
    created_at TEXT NOT NULL,
    confirmed_at TEXT                                    -- NULL: being set up, not asked for yet
) STRICT, WITHOUT ROWID;

-- What stands in for a lost app, each once.
CREATE TABLE recovery_codes (
    staff_id TEXT NOT NULL REFERENCES totp (staff_id) ON DELETE CASCADE,
    code_hash TEXT NOT NULL,                             -- SHA-256 of 100 random bits
    PRIMARY KEY (staff_id, code_hash)
) STRICT, WITHOUT ROWID;

-- Deactivating a member ends their sessions and links; they stay ended when the member is activated again.
CREATE TRIGGER staff_deactivated AFTER UPDATE OF active ON staff WHEN new.active = 0 BEGIN
    UPDATE sessions SET revoked_at = new.updated_at WHERE staff_id = new.id AND revoked_at IS NULL;
    DELETE FROM invites WHERE staff_id = new.id;
END;

-- One-time links: the first set-up, and invitations (also for a new password, made by an admin).
CREATE TABLE invites (
    token_hash TEXT PRIMARY KEY,                         -- SHA-256; the token itself is shown once and never kept
    purpose TEXT NOT NULL CHECK (purpose IN ('setup', 'invite')),
    staff_id TEXT REFERENCES staff (id) ON DELETE CASCADE,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    CHECK ((purpose = 'setup') = (staff_id IS NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX invites_of_staff ON invites (staff_id);

-- Invitations to be sent by e-mail, until they have left: for an hour at the most, or until the link is used or replaced.
CREATE TABLE invite_mails (
    staff_id TEXT PRIMARY KEY REFERENCES staff (id) ON DELETE CASCADE,
    token_hash TEXT NOT NULL REFERENCES invites (token_hash) ON DELETE CASCADE,
    token BLOB NOT NULL,                                 -- sealed with the signing key
    asked_at TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_try_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX invite_mails_of_link ON invite_mails (token_hash);

-- API keys: with which other programs use the API. One is never deleted, so that what it has done has a name.
CREATE TABLE api_keys (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL CHECK (json_type(scopes) = 'array'),
    rate_limit INTEGER NOT NULL,                         -- requests a minute
    rate_limit_bulk INTEGER NOT NULL,
    created_by TEXT REFERENCES staff (id),
    created_at TEXT NOT NULL,
    last_used_at TEXT,                                   -- to a minute
    last_used_ip TEXT,                                   -- of the last use that was noted
    expires_at TEXT,                                     -- NULL: valid until it is revoked
    revoked_at TEXT
) STRICT;

-- The tokens of a key: the newest one, and those it has replaced, until they end.
CREATE TABLE api_key_tokens (
    token_hash TEXT PRIMARY KEY,                         -- SHA-256; the token itself is shown once and never kept
    key_id TEXT NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
    hint TEXT NOT NULL,                                  -- its beginning
    created_at TEXT NOT NULL,
    ends_at TEXT                                         -- NULL: the newest one
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX api_key_tokens_current ON api_key_tokens (key_id) WHERE ends_at IS NULL;
CREATE INDEX api_key_tokens_ended ON api_key_tokens (ends_at) WHERE ends_at IS NOT NULL;

-- E-mail addresses that asked for a link to choose another password. Kept until it is sent, an hour at the most.
CREATE TABLE password_resets (
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
    updated_at TEXT NOT NULL,
    external_ids TEXT NOT NULL DEFAULT '{}' CHECK (json_type(external_ids) = 'object'),  -- by source; of none: ''
    metadata TEXT NOT NULL DEFAULT '{}' CHECK (json_type(metadata) = 'object'),
    changed_seq INTEGER,                                 -- its place in the order of the last change; set by triggers
    last_contact_at TEXT,                                -- of their conversations
    blocked INTEGER NOT NULL DEFAULT 0 CHECK (blocked IN (0, 1)),  -- what they write notifies nobody
    consents TEXT NOT NULL DEFAULT '{}' CHECK (json_type(consents) = 'object')  -- what is noted of them, by channel
) STRICT;

CREATE INDEX guests_by_creation ON guests (created_at);
CREATE INDEX guests_by_update ON guests (updated_at);
CREATE INDEX guests_by_last_contact ON guests (last_contact_at);

-- By which address, on which channel, a guest is known. A guest may have several, a WhatsApp guest none with a phone.
CREATE TABLE guest_identities (
    channel TEXT NOT NULL REFERENCES channels (name),
    address TEXT NOT NULL,                               -- the form that is compared
    verbatim TEXT,                                       -- what the provider calls them, and is replied to; NULL: typed in
    guest_id TEXT NOT NULL REFERENCES guests (id) ON DELETE CASCADE,
    last_inbound_at TEXT,
    created_at TEXT NOT NULL,
    PRIMARY KEY (channel, address)
) STRICT, WITHOUT ROWID;
CREATE INDEX identities_of_guest ON guest_identities (guest_id);

-- By what names other programs know a guest: `id`, or `source:id`. All of guests.external_ids, and after a merge the other's.
CREATE TABLE guest_external_ids (
    name TEXT PRIMARY KEY NOT NULL,
    guest_id TEXT NOT NULL REFERENCES guests (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX external_ids_of_guest ON guest_external_ids (guest_id);

-- External ids of what was erased, as a keyed hash: a program that still has it does not bring it back unknowingly.
CREATE TABLE erased_external_ids (
    resource TEXT NOT NULL CHECK (resource IN ('guests', 'stays', 'tasks')),
    name_hash TEXT NOT NULL,
    PRIMARY KEY (resource, name_hash)
) STRICT, WITHOUT ROWID;

-- guests.tags once more, as rows, because a filter over JSON reads every guest.
CREATE TABLE guest_tags (
    tag_key TEXT NOT NULL,
    guest_seq INTEGER NOT NULL REFERENCES guests (seq) ON DELETE CASCADE,
    PRIMARY KEY (tag_key, guest_seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX tags_of_guest ON guest_tags (guest_seq);

-- How many guests have each tag, kept by triggers.
CREATE TABLE tag_counts (
    tag_key TEXT PRIMARY KEY NOT NULL,
    guests INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER guest_tagged AFTER INSERT ON guest_tags BEGIN
    INSERT INTO tag_counts (tag_key, guests) VALUES (new.tag_key, 1)
        ON CONFLICT DO UPDATE SET guests = guests + 1;
END;
CREATE TRIGGER guest_untagged AFTER DELETE ON guest_tags BEGIN
    UPDATE tag_counts SET guests = guests - 1 WHERE tag_key = old.tag_key;
    DELETE FROM tag_counts WHERE tag_key = old.tag_key AND guests = 0;
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

-- ---------------------------------------------------------------------------------------------- stays

-- A stay at the hotel. Its dates are days in the hotel's time zone (YYYY-MM-DD), so that text order is their order.
CREATE TABLE stays (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    guest_id TEXT REFERENCES guests (id),                -- NULL: nobody is named yet, or the guest was erased
    room TEXT,
    room_type TEXT,
    arrival TEXT NOT NULL,
    departure TEXT NOT NULL,                             -- the same day for a day use
    eta TEXT,                                            -- HH:MM in the hotel's time
    adults INTEGER NOT NULL DEFAULT 1,
    children INTEGER NOT NULL DEFAULT 0,
    status TEXT NOT NULL DEFAULT 'booked'
        CHECK (status IN ('booked', 'in_house', 'departed', 'cancelled', 'no_show')),
    source TEXT,                                         -- where it was booked
    confirmation TEXT,
    notes TEXT,
    external_id TEXT,
    metadata TEXT NOT NULL DEFAULT '{}' CHECK (json_type(metadata) = 'object'),
    search_text TEXT NOT NULL,                           -- what it is found by beside its guests, folded
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    changed_seq INTEGER,                                 -- its place in the order of the last change; set by triggers
    CHECK (departure >= arrival)
) STRICT;
CREATE INDEX stays_by_arrival ON stays (arrival);
CREATE INDEX stays_by_departure ON stays (departure);
CREATE INDEX stays_by_status ON stays (status, arrival);
CREATE INDEX stays_by_room ON stays (room, arrival);
CREATE INDEX stays_by_creation ON stays (created_at);
CREATE INDEX stays_by_update ON stays (updated_at);
CREATE INDEX stays_of_guest ON stays (guest_id, departure) WHERE guest_id IS NOT NULL;
CREATE UNIQUE INDEX stays_by_external_id ON stays (external_id) WHERE external_id IS NOT NULL;

-- Who stays with the guest, in the order in which they were named.
CREATE TABLE stay_companions (
    stay_seq INTEGER NOT NULL REFERENCES stays (seq) ON DELETE CASCADE,
    guest_id TEXT NOT NULL REFERENCES guests (id) ON DELETE CASCADE,
    place INTEGER NOT NULL,
    PRIMARY KEY (stay_seq, guest_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX stays_of_companion ON stay_companions (guest_id);

-- A calendar that was read, by its name in the setting `stays.feeds`.
CREATE TABLE stay_feeds (
    name TEXT PRIMARY KEY,
    url TEXT NOT NULL,                                   -- that it was read from last
    checked_at TEXT,
    succeeded_at TEXT,
    error TEXT                                           -- why it could not be read at `checked_at`
) STRICT, WITHOUT ROWID;

-- A booking as its calendar had it last. It outlives its stay, which is not to come back.
CREATE TABLE stay_feed_entries (
    feed TEXT NOT NULL REFERENCES stay_feeds (name) ON UPDATE CASCADE ON DELETE CASCADE,
    uid TEXT NOT NULL,
    stay_id TEXT REFERENCES stays (id) ON DELETE SET NULL,
    arrival TEXT NOT NULL,
    departure TEXT NOT NULL,
    missing_since TEXT,                                  -- since when the calendar does not have it any more
    cancelled INTEGER NOT NULL CHECK (cancelled IN (0, 1)),  -- by the calendar
    PRIMARY KEY (feed, uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX stay_feed_entries_of_stay ON stay_feed_entries (stay_id) WHERE stay_id IS NOT NULL;

-- ---------------------------------------------------------------------------------------------- conversations

CREATE TABLE conversations (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    guest_id TEXT REFERENCES guests (id),                -- NULL: the guest was erased
    channel TEXT NOT NULL REFERENCES channels (name),
    status TEXT NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'pending', 'closed')),
    assignee_id TEXT REFERENCES staff (id),
    subject TEXT,
    preview TEXT,                                        -- the text of the last message, and …
    preview_media TEXT CHECK (preview_media IS NULL OR json_type(preview_media) = 'object'),  -- … which files it brought
    inbound_count INTEGER NOT NULL DEFAULT 0,            -- unread = this minus what the reader had seen
    last_message_at TEXT,
    active_at TEXT NOT NULL,                             -- last message, or creation: newest activity first
    first_response_at TEXT,
    waiting_since TEXT,                                  -- oldest inbound message nobody has answered
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    metadata TEXT NOT NULL DEFAULT '{}' CHECK (json_type(metadata) = 'object'),
    stream_id TEXT REFERENCES webchat_streams (id) ON DELETE SET NULL,   -- which visitors see it, whoever its guest is
    search_subject TEXT GENERATED ALWAYS AS (            -- as `search_content` of messages
        replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(subject,
        'Æ', 'ae'), 'æ', 'ae'), 'Ð', 'd'), 'ð', 'd'), 'Đ', 'd'), 'đ', 'd'), 'Ħ', 'h'), 'ħ', 'h'), 'ı', 'i'),
        'Ł', 'l'), 'ł', 'l'), 'Ŋ', 'n'), 'ŋ', 'n'), 'Ø', 'o'), 'ø', 'o'), 'Œ', 'oe'), 'œ', 'oe'), 'ẞ', 'ss'),
        'ß', 'ss'), 'Þ', 'th'), 'þ', 'th'), 'Ŧ', 't'), 'ŧ', 't')) VIRTUAL,
    changed_seq INTEGER,                                 -- its place in the order of the last change; set by triggers
    snoozed_until TEXT                                   -- put off until then, and pending
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
CREATE INDEX conversations_waiting ON conversations (waiting_since) WHERE waiting_since IS NOT NULL;
CREATE INDEX conversations_by_creation ON conversations (created_at);
CREATE INDEX conversations_by_update ON conversations (updated_at);
CREATE INDEX conversations_of_stream ON conversations (stream_id) WHERE stream_id IS NOT NULL;
CREATE INDEX conversations_snoozed ON conversations (snoozed_until) WHERE snoozed_until IS NOT NULL;
-- Whatever opens or closes it, it is no longer snoozed.
CREATE TRIGGER conversation_woken AFTER UPDATE OF status ON conversations
WHEN new.status <> 'pending' AND new.snoozed_until IS NOT NULL BEGIN
    UPDATE conversations SET snoozed_until = NULL WHERE seq = new.seq;
END;

-- How many conversations there are of each kind, kept by triggers: a total is a sum over a few rows. Unassigned: ''.
CREATE TABLE conversation_counts (
    status TEXT NOT NULL,
    channel TEXT NOT NULL,
    assignee_id TEXT NOT NULL,
    waiting INTEGER NOT NULL,                            -- the guest waits for an answer
    has_inbound INTEGER NOT NULL,                              -- the guest has written
    conversations INTEGER NOT NULL,
    PRIMARY KEY (status, channel, assignee_id, waiting, has_inbound)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER conversations_counted AFTER INSERT ON conversations BEGIN
    INSERT INTO conversation_counts (status, channel, assignee_id, waiting, has_inbound, conversations)
        VALUES (new.status, new.channel, coalesce(new.assignee_id, ''), new.waiting_since IS NOT NULL, new.inbound_count > 0, 1)
        ON CONFLICT DO UPDATE SET conversations = conversations + 1;
END;
CREATE TRIGGER conversations_recounted
AFTER UPDATE OF status, channel, assignee_id, waiting_since, inbound_count ON conversations
WHEN old.status <> new.status OR old.channel <> new.channel OR old.assignee_id IS NOT new.assignee_id
  OR (old.waiting_since IS NULL) <> (new.waiting_since IS NULL) OR (old.inbound_count > 0) <> (new.inbound_count > 0) BEGIN
    UPDATE conversation_counts SET conversations = conversations - 1
        WHERE (status, channel, assignee_id, waiting, has_inbound)
            = (old.status, old.channel, coalesce(old.assignee_id, ''), old.waiting_since IS NOT NULL, old.inbound_count > 0);
    DELETE FROM conversation_counts
        WHERE (status, channel, assignee_id, waiting, has_inbound)
            = (old.status, old.channel, coalesce(old.assignee_id, ''), old.waiting_since IS NOT NULL, old.inbound_count > 0) AND conversations = 0;
    INSERT INTO conversation_counts (status, channel, assignee_id, waiting, has_inbound, conversations)
        VALUES (new.status, new.channel, coalesce(new.assignee_id, ''), new.waiting_since IS NOT NULL, new.inbound_count > 0, 1)
        ON CONFLICT DO UPDATE SET conversations = conversations + 1;
END;
CREATE TRIGGER conversations_uncounted AFTER DELETE ON conversations BEGIN
    UPDATE conversation_counts SET conversations = conversations - 1
        WHERE (status, channel, assignee_id, waiting, has_inbound)
            = (old.status, old.channel, coalesce(old.assignee_id, ''), old.waiting_since IS NOT NULL, old.inbound_count > 0);
    DELETE FROM conversation_counts
        WHERE (status, channel, assignee_id, waiting, has_inbound)
            = (old.status, old.channel, coalesce(old.assignee_id, ''), old.waiting_since IS NOT NULL, old.inbound_count > 0) AND conversations = 0;
END;

CREATE TABLE conversation_reads (
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    staff_id TEXT NOT NULL,                              -- who has read it: a member or an API key
    inbound_count INTEGER NOT NULL,
    current INTEGER NOT NULL CHECK (current IN (0, 1)),  -- all that the guest has written has been read
    seen_count INTEGER NOT NULL DEFAULT 0,               -- the most they had read, whatever they have put back to unread since
    PRIMARY KEY (conversation_id, staff_id)
) STRICT, WITHOUT ROWID;

-- Who looks at a conversation or writes in it, for seconds; it is no change of the conversation.
CREATE TABLE presence (
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    staff_id TEXT NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    state TEXT NOT NULL CHECK (state IN ('viewing', 'writing')),
    until TEXT NOT NULL,
    PRIMARY KEY (conversation_id, staff_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX presence_by_until ON presence (until);

-- How many conversations a member, or an API key, has read to their end: what a guest wrote in the others is unread.
CREATE TABLE read_counts (
    staff_id TEXT NOT NULL,
    status TEXT NOT NULL,
    channel TEXT NOT NULL,
    assignee_id TEXT NOT NULL,
    conversations INTEGER NOT NULL,
    PRIMARY KEY (staff_id, status, channel, assignee_id)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER reads_counted AFTER INSERT ON conversation_reads WHEN new.current BEGIN
    INSERT INTO read_counts (staff_id, status, channel, assignee_id, conversations)
        SELECT new.staff_id, status, channel, coalesce(assignee_id, ''), 1 FROM conversations WHERE id = new.conversation_id
        ON CONFLICT DO UPDATE SET conversations = conversations + 1;
END;
CREATE TRIGGER reads_recounted AFTER UPDATE OF current ON conversation_reads WHEN old.current <> new.current BEGIN
    INSERT INTO read_counts (staff_id, status, channel, assignee_id, conversations)
        SELECT new.staff_id, status, channel, coalesce(assignee_id, ''), new.current - old.current
        FROM conversations WHERE id = new.conversation_id
        ON CONFLICT DO UPDATE SET conversations = conversations + excluded.conversations;
END;
CREATE TRIGGER reads_uncounted AFTER DELETE ON conversation_reads WHEN old.current BEGIN
    INSERT INTO read_counts (staff_id, status, channel, assignee_id, conversations)
        SELECT old.staff_id, status, channel, coalesce(assignee_id, ''), -1 FROM conversations WHERE id = old.conversation_id
        ON CONFLICT DO UPDATE SET conversations = conversations - 1;
END;
-- Moves the counts of the members who had read all, then updates who still has. One trigger, because the order of several is undefined.
CREATE TRIGGER reads_of_conversation_changed
AFTER UPDATE OF status, channel, assignee_id, inbound_count ON conversations
WHEN old.status <> new.status OR old.channel <> new.channel OR old.assignee_id IS NOT new.assignee_id
  OR old.inbound_count <> new.inbound_count BEGIN
    INSERT INTO read_counts (staff_id, status, channel, assignee_id, conversations)
        SELECT staff_id, old.status, old.channel, coalesce(old.assignee_id, ''), -1
        FROM conversation_reads WHERE conversation_id = new.id AND current
        ON CONFLICT DO UPDATE SET conversations = conversations - 1;
    INSERT INTO read_counts (staff_id, status, channel, assignee_id, conversations)
        SELECT staff_id, new.status, new.channel, coalesce(new.assignee_id, ''), 1
        FROM conversation_reads WHERE conversation_id = new.id AND current
        ON CONFLICT DO UPDATE SET conversations = conversations + 1;
    UPDATE conversation_reads SET current = inbound_count >= new.inbound_count AND new.inbound_count > 0
        WHERE conversation_id = new.id AND current <> (inbound_count >= new.inbound_count AND new.inbound_count > 0);
END;
-- Before the conversation is deleted, because its columns say in which row it was counted.
CREATE TRIGGER reads_of_conversation_gone BEFORE DELETE ON conversations BEGIN
    DELETE FROM conversation_reads WHERE conversation_id = old.id;
END;

CREATE TABLE messages (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    conversation_seq INTEGER NOT NULL,
    -- The rowid in the search index: it contains the conversation, so that no row of this table has to be read.
    place INTEGER NOT NULL GENERATED ALWAYS AS (conversation_seq << 32 | seq) VIRTUAL,
    direction TEXT NOT NULL CHECK (direction IN ('inbound', 'outbound')),
    type TEXT NOT NULL CHECK (type IN ('text', 'note', 'image', 'file', 'location', 'unsupported', 'template')),
    content TEXT NOT NULL,
    status TEXT CHECK (status IN ('received', 'scheduled', 'cancelled', 'queued', 'sending', 'sent', 'delivered', 'read', 'failed', 'unknown')),
    author_type TEXT NOT NULL CHECK (author_type IN ('guest', 'staff', 'integration', 'automation', 'system')),
    author_id TEXT,
    error TEXT,
    details TEXT CHECK (details IS NULL OR json_type(details) = 'object'),  -- what a text alone cannot say
    parts INTEGER NOT NULL DEFAULT 1 CHECK (parts > 0),  -- in how many parts it is sent
    created_at TEXT NOT NULL,
    sent_at TEXT,
    delivered_at TEXT,
    read_at TEXT,
    -- What is indexed: letters that have no accent to leave out, as they are typed without them (`jack.core.fulltext.LETTERS`).
    search_content TEXT GENERATED ALWAYS AS (
        replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(content,
        'Æ', 'ae'), 'æ', 'ae'), 'Ð', 'd'), 'ð', 'd'), 'Đ', 'd'), 'đ', 'd'), 'Ħ', 'h'), 'ħ', 'h'), 'ı', 'i'),
        'Ł', 'l'), 'ł', 'l'), 'Ŋ', 'n'), 'ŋ', 'n'), 'Ø', 'o'), 'ø', 'o'), 'Œ', 'oe'), 'œ', 'oe'), 'ẞ', 'ss'),
        'ß', 'ss'), 'Þ', 'th'), 'þ', 'th'), 'Ŧ', 't'), 'ŧ', 't')) VIRTUAL,
    changed_seq INTEGER,                                 -- its place in the order of the last change; set by triggers
    own_at TEXT,                                         -- when its sender wrote it, two minutes before it came at the earliest; NULL: …
    ordered_at TEXT GENERATED ALWAYS AS (coalesce(own_at, created_at)) VIRTUAL,  -- … its place in the conversation is when it came
    edited_at TEXT,                                      -- when the guest's latest edit came in
    reply_to_id TEXT,                                    -- the message it quotes
    send_at TEXT,                                        -- when it is to leave, or was; NULL: at once
    cancel_on_reply INTEGER NOT NULL DEFAULT 0 CHECK (cancel_on_reply IN (0, 1)),  -- not if the guest writes first
    answers INTEGER NOT NULL DEFAULT 1 CHECK (answers IN (0, 1)),        -- whether a guest who waits has been answered by it
    CHECK ((type = 'note') = (status IS NULL)),          -- a note is never sent: it has no delivery status
    CHECK ((status = 'received') = (direction = 'inbound') OR status IS NULL)
) STRICT;
CREATE INDEX messages_of_conversation ON messages (conversation_id);
CREATE INDEX messages_in_order ON messages (conversation_id, ordered_at, id);
CREATE INDEX messages_scheduled ON messages (send_at) WHERE status = 'scheduled';
CREATE INDEX messages_cancelled_by_reply ON messages (conversation_id) WHERE status = 'scheduled' AND cancel_on_reply;
-- A message shows the beginning of the one it quotes: it changes with that.
CREATE INDEX messages_quoting ON messages (reply_to_id) WHERE reply_to_id IS NOT NULL;
CREATE TRIGGER quoted_message_changed AFTER UPDATE OF content ON messages WHEN old.content <> new.content BEGIN
    UPDATE messages SET type = type WHERE reply_to_id = new.id;
END;

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
-- A scheduled message takes its place among the others when it leaves.
CREATE TRIGGER messages_moved AFTER UPDATE OF seq ON messages WHEN old.seq <> new.seq BEGIN
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

-- Who is named in notes (`@name`).
CREATE TABLE mentions (
    message_id TEXT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    staff_id TEXT NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    PRIMARY KEY (message_id, staff_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX mentions_of_staff ON mentions (staff_id, conversation_id);
CREATE INDEX mentions_in_conversation ON mentions (conversation_id);

-- What has come in, once each, by the provider's own key for it (for web chat: session and the client's message id).
CREATE TABLE inbound (
    account TEXT NOT NULL,
    event_key TEXT NOT NULL,
    message_id TEXT REFERENCES messages (id) ON DELETE CASCADE,          -- NULL: it made no message
    in_reply_to TEXT CHECK (in_reply_to IS NULL OR json_type(in_reply_to) = 'array'),  -- Message-IDs a mail answers, nearest first
    received_at TEXT NOT NULL,
    PRIMARY KEY (account, event_key)
) STRICT, WITHOUT ROWID;
CREATE INDEX inbound_of_message ON inbound (message_id);

-- Messages to send: one row each, deleted when the result is known. A conversation's are sent one after the other.
CREATE TABLE outbox (
    seq INTEGER PRIMARY KEY,
    message_id TEXT NOT NULL UNIQUE REFERENCES messages (id) ON DELETE CASCADE,
    conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    channel TEXT NOT NULL,
    round INTEGER NOT NULL DEFAULT 0,                    -- how often it has been sent again by hand
    parts_sent INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at TEXT NOT NULL,
    owner TEXT,                                          -- the worker that is sending it now, until …
    lease_until TEXT,                                    -- … then: may have been sent, never resent blindly
    claimed_at TEXT,
    created_at TEXT NOT NULL,
    held_until TEXT,                                     -- it may be taken back until then
    CHECK ((owner IS NULL) = (lease_until IS NULL))
) STRICT;
CREATE INDEX outbox_due ON outbox (channel, due_at) WHERE owner IS NULL;
CREATE INDEX outbox_leases ON outbox (lease_until) WHERE owner IS NOT NULL;
CREATE INDEX outbox_of_conversation ON outbox (conversation_id);

-- What providers have accepted, by their id for it: one row a part of a message, and that part's delivery status.
CREATE TABLE provider_messages (
    account TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    message_id TEXT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    part INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('sent', 'delivered', 'read', 'failed')),
    error TEXT,
    sent_at TEXT NOT NULL,
    PRIMARY KEY (account, provider_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX provider_messages_of_message ON provider_messages (message_id, part);

-- Delivery receipts of providers, each once, kept 30 days: one may come before we know the provider's id of a message.
CREATE TABLE receipts (
    seq INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    provider_id TEXT NOT NULL,
    status TEXT NOT NULL,
    error TEXT,
    at TEXT NOT NULL,
    received_at TEXT NOT NULL,
    report TEXT CHECK (report IS NULL OR json_type(report) = 'object'),  -- what a returned mail says: code, cause, diagnosis
    UNIQUE (account, provider_id, status)
) STRICT;
CREATE INDEX receipts_by_age ON receipts (received_at);

-- Emojis on messages, at most one of each side. NULL: taken back.
CREATE TABLE reactions (
    message_id TEXT NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    side TEXT NOT NULL CHECK (side IN ('guest', 'hotel')),
    emoji TEXT,
    author_id TEXT,                                      -- of the hotel's: a member or an API key; NULL: from its phone
    at TEXT NOT NULL,
    error TEXT,                                          -- why the provider has refused it
    due_at TEXT,                                         -- to be sent then; NULL: nothing is to be sent
    attempts INTEGER NOT NULL DEFAULT 0,
    provider_id TEXT,                                    -- what it was sent as
    PRIMARY KEY (message_id, side),
    CHECK (side = 'hotel' OR author_id IS NULL AND due_at IS NULL AND provider_id IS NULL)
) STRICT, WITHOUT ROWID;
CREATE INDEX reactions_due ON reactions (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX reactions_sent ON reactions (provider_id) WHERE provider_id IS NOT NULL;
-- What changes with a reaction is its message, in the order of the last change.
CREATE TRIGGER reaction_received AFTER INSERT ON reactions BEGIN
    UPDATE messages SET type = type WHERE id = new.message_id;
END;
CREATE TRIGGER reaction_changed AFTER UPDATE OF emoji, author_id, at, error ON reactions BEGIN
    UPDATE messages SET type = type WHERE id = new.message_id;
END;

-- Reactions to messages that are not known (yet), kept 30 days.
CREATE TABLE early_reactions (
    account TEXT NOT NULL,
    key_hash TEXT NOT NULL,                              -- SHA-256 of the provider's id of the message: the guest's number is in that
    side TEXT NOT NULL CHECK (side IN ('guest', 'hotel')),
    emoji TEXT,
    at TEXT NOT NULL,
    received_at TEXT NOT NULL,
    PRIMARY KEY (account, key_hash, side)
) STRICT, WITHOUT ROWID;
CREATE INDEX early_reactions_by_age ON early_reactions (received_at);

-- Parts of messages that may have been sent: the provider is asked, if it can tell, before the staff have to decide.
CREATE TABLE unknown_sends (
    message_id TEXT PRIMARY KEY REFERENCES messages (id) ON DELETE CASCADE,
    channel TEXT NOT NULL,
    part INTEGER NOT NULL,
    since TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX unknown_sends_due ON unknown_sends (due_at);

-- The state of the hotel's accounts at its providers: one row for each that was ever used.
CREATE TABLE channel_accounts (
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
    worked_at TEXT,                                      -- when a test or traffic has last passed, …
    failed_at TEXT,                                      -- … and when the account, not one message, has last failed: …
    poll_failed_at TEXT,                                 -- … by its mailbox, which may be read again later
    CHECK ((paused_at IS NULL) = (paused_until IS NULL))
) STRICT, WITHOUT ROWID;

-- Tests of a channel's account, which the worker does. Kept for an hour; no secret is in them.
CREATE TABLE channel_tests (
    id TEXT PRIMARY KEY,
    channel TEXT NOT NULL REFERENCES channels (name),
    settings_at TEXT,                                    -- when the settings that are tested were put
    status TEXT NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'ok', 'failed')),
    steps TEXT NOT NULL DEFAULT '[]' CHECK (json_type(steps) = 'array'),
    created_at TEXT NOT NULL,
    begun_at TEXT,                                       -- NULL: no worker has begun it
    letter_to TEXT REFERENCES staff (id)                 -- who is sent a letter; NULL: nobody, it is only signed in
) STRICT, WITHOUT ROWID;
CREATE INDEX channel_tests_by_creation ON channel_tests (created_at);

-- Addresses that asked for no more messages from an account (STOP). It names no guest and no address, so that it outlives an erasure.
CREATE TABLE opt_outs (
    channel TEXT NOT NULL,
    address_hash TEXT NOT NULL,                          -- HMAC-SHA-256 of channel and address, by the id of this copy
    account TEXT NOT NULL,
    stopped_at TEXT NOT NULL,
    PRIMARY KEY (channel, address_hash, account)
) STRICT, WITHOUT ROWID;

-- Input that could not be read, stored unchanged: `file` is its name in quarantine/ beside this file.
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

-- What visitors may see: a stream each, or one for all who have proven the same e-mail. A merge of guests changes none.
CREATE TABLE webchat_streams (
    id TEXT PRIMARY KEY,                                 -- that of its first session
    email_key TEXT UNIQUE,                               -- NULL: nothing is proven
    created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

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
    expires_at TEXT NOT NULL,
    stream_id TEXT REFERENCES webchat_streams (id) ON DELETE SET NULL   -- from the first message on
) STRICT, WITHOUT ROWID;
CREATE INDEX webchat_sessions_of_guest ON webchat_sessions (guest_id);
CREATE INDEX webchat_sessions_of_stream ON webchat_sessions (stream_id) WHERE stream_id IS NOT NULL;
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
    external_id TEXT,
    metadata TEXT NOT NULL DEFAULT '{}' CHECK (json_type(metadata) = 'object'),
    changed_seq INTEGER,                                 -- its place in the order of the last change; set by triggers
    search_text TEXT GENERATED ALWAYS AS (               -- as `search_content` of messages
        replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(title || char(10) || coalesce(description, '') || char(10) || coalesce(notes, '') || char(10) || coalesce(room, ''),
        'Æ', 'ae'), 'æ', 'ae'), 'Ð', 'd'), 'ð', 'd'), 'Đ', 'd'), 'đ', 'd'), 'Ħ', 'h'), 'ħ', 'h'), 'ı', 'i'),
        'Ł', 'l'), 'ł', 'l'), 'Ŋ', 'n'), 'ŋ', 'n'), 'Ø', 'o'), 'ø', 'o'), 'Œ', 'oe'), 'œ', 'oe'), 'ẞ', 'ss'),
        'ß', 'ss'), 'Þ', 'th'), 'þ', 'th'), 'Ŧ', 't'), 'ŧ', 't')) VIRTUAL,
    CHECK ((status = 'completed') = (completed_at IS NOT NULL))
) STRICT;
CREATE INDEX tasks_by_status ON tasks (status, urgency, due_at);
CREATE INDEX tasks_by_department ON tasks (department, status, urgency, due_at);
CREATE INDEX tasks_by_assignee ON tasks (assignee_id, status, urgency, due_at);
CREATE INDEX tasks_by_room ON tasks (room) WHERE room IS NOT NULL;
CREATE INDEX tasks_by_due ON tasks (due_at);
CREATE INDEX tasks_by_creation ON tasks (created_at);
-- Of those that have been changed: the others are found by their creation.
CREATE INDEX tasks_by_update ON tasks (updated_at) WHERE updated_at <> created_at;
CREATE INDEX tasks_of_guest ON tasks (guest_id) WHERE guest_id IS NOT NULL;
CREATE UNIQUE INDEX tasks_by_external_id ON tasks (external_id) WHERE external_id IS NOT NULL;
CREATE INDEX tasks_of_conversation ON tasks (conversation_id) WHERE conversation_id IS NOT NULL;

-- How many tasks there are of each kind, kept by triggers: a total is a sum over a few rows. Unassigned: ''.
CREATE TABLE task_counts (
    status TEXT NOT NULL,
    urgency INTEGER NOT NULL,
    department TEXT NOT NULL,
    assignee_id TEXT NOT NULL,
    tasks INTEGER NOT NULL,
    PRIMARY KEY (status, urgency, department, assignee_id)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER tasks_counted AFTER INSERT ON tasks BEGIN
    INSERT INTO task_counts (status, urgency, department, assignee_id, tasks)
        VALUES (new.status, new.urgency, new.department, coalesce(new.assignee_id, ''), 1)
        ON CONFLICT DO UPDATE SET tasks = tasks + 1;
END;
CREATE TRIGGER tasks_recounted AFTER UPDATE OF status, priority, department, assignee_id ON tasks
WHEN (old.status, old.urgency, old.department) <> (new.status, new.urgency, new.department)
  OR old.assignee_id IS NOT new.assignee_id BEGIN
    UPDATE task_counts SET tasks = tasks - 1
        WHERE status = old.status AND urgency = old.urgency AND department = old.department
          AND assignee_id = coalesce(old.assignee_id, '');
    DELETE FROM task_counts
        WHERE status = old.status AND urgency = old.urgency AND department = old.department
          AND assignee_id = coalesce(old.assignee_id, '') AND tasks = 0;
    INSERT INTO task_counts (status, urgency, department, assignee_id, tasks)
        VALUES (new.status, new.urgency, new.department, coalesce(new.assignee_id, ''), 1)
        ON CONFLICT DO UPDATE SET tasks = tasks + 1;
END;
CREATE TRIGGER tasks_uncounted AFTER DELETE ON tasks BEGIN
    UPDATE task_counts SET tasks = tasks - 1
        WHERE status = old.status AND urgency = old.urgency AND department = old.department
          AND assignee_id = coalesce(old.assignee_id, '');
    DELETE FROM task_counts
        WHERE status = old.status AND urgency = old.urgency AND department = old.department
          AND assignee_id = coalesce(old.assignee_id, '') AND tasks = 0;
END;

CREATE VIRTUAL TABLE task_search USING fts5 (
    search_text, content = 'tasks', content_rowid = 'seq', tokenize = 'unicode61 remove_diacritics 2');
INSERT INTO task_search (task_search, rank) VALUES ('secure-delete', 1);
-- 64 tasks at a time: what is not in the index yet comes after its last, and who searches looks through it.
CREATE TRIGGER tasks_searchable AFTER INSERT ON tasks
WHEN (SELECT new.seq NOT BETWEEN coalesce(max(id), 0) AND coalesce(max(id), 0) + 63 FROM task_search_docsize) BEGIN
    INSERT INTO task_search (rowid, search_text)
        SELECT seq, search_text FROM tasks
        WHERE seq > (SELECT min(coalesce(max(id), 0), new.seq - 1) FROM task_search_docsize) AND seq <= new.seq;
END;
CREATE TRIGGER tasks_search_changed AFTER UPDATE OF title, description, notes, room ON tasks
WHEN old.search_text <> new.search_text AND EXISTS (SELECT 1 FROM task_search_docsize WHERE id = old.seq) BEGIN
    INSERT INTO task_search (task_search, rowid, search_text) VALUES ('delete', old.seq, old.search_text);
    INSERT INTO task_search (rowid, search_text) VALUES (new.seq, new.search_text);
END;
CREATE TRIGGER tasks_unsearchable AFTER DELETE ON tasks
WHEN EXISTS (SELECT 1 FROM task_search_docsize WHERE id = old.seq) BEGIN
    INSERT INTO task_search (task_search, rowid, search_text) VALUES ('delete', old.seq, old.search_text);
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
    updated_at TEXT NOT NULL,
    external_id TEXT,
    changed_seq INTEGER                                  -- its place in the order of the last change; set by triggers
) STRICT;
CREATE INDEX knowledge_by_creation ON knowledge (created_at);
CREATE INDEX knowledge_by_update ON knowledge (updated_at);
CREATE INDEX knowledge_by_category ON knowledge (category);
CREATE UNIQUE INDEX knowledge_by_external_id ON knowledge (external_id) WHERE external_id IS NOT NULL;
CREATE INDEX knowledge_by_language ON knowledge (language);
CREATE INDEX knowledge_by_category_language ON knowledge (category, language);

CREATE VIRTUAL TABLE knowledge_search USING fts5 (
    search_title, search_content, content = 'knowledge', content_rowid = 'seq', prefix = '2 3',
    tokenize = "unicode61 remove_diacritics 2 categories 'L* N* Co So'");
CREATE TRIGGER knowledge_searchable AFTER INSERT ON knowledge BEGIN
    INSERT INTO knowledge_search (rowid, search_title, search_content)
        VALUES (new.seq, new.search_title, new.search_content);
END;
CREATE TRIGGER knowledge_search_changed AFTER UPDATE OF search_title, search_content ON knowledge BEGIN
    INSERT INTO knowledge_search (knowledge_search, rowid, search_title, search_content)
        VALUES ('delete', old.seq, old.search_title, old.search_content);
    INSERT INTO knowledge_search (rowid, search_title, search_content)
        VALUES (new.seq, new.search_title, new.search_content);
END;
CREATE TRIGGER knowledge_unsearchable AFTER DELETE ON knowledge BEGIN
    INSERT INTO knowledge_search (knowledge_search, rowid, search_title, search_content)
        VALUES ('delete', old.seq, old.search_title, old.search_content);
END;

-- ---------------------------------------------------------------------------------------------- templates

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

-- The message templates that Meta has for the hotel, as the worker has last read them.
CREATE TABLE whatsapp_templates (
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    status TEXT NOT NULL,
    category TEXT NOT NULL,
    content TEXT NOT NULL CHECK (json_type(content) = 'object'),         -- header, body, footer, buttons, parameters
    PRIMARY KEY (name, language)
) STRICT, WITHOUT ROWID;

-- ---------------------------------------------------------------------------------------------- automations

-- What Jack does by itself, and when. `trigger`, `conditions` and `actions` are as the API has them, in snake case.
CREATE TABLE automations (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    enabled INTEGER NOT NULL DEFAULT 0 CHECK (enabled IN (0, 1)),
    trigger TEXT NOT NULL CHECK (json_type(trigger) = 'object'),
    conditions TEXT NOT NULL DEFAULT '[]' CHECK (json_type(conditions) = 'array'),
    actions TEXT NOT NULL CHECK (json_type(actions) = 'array'),
    per_guest_per_day INTEGER NOT NULL DEFAULT 3,
    quiet_from TEXT,                                     -- HH:MM of the hotel's clock
    quiet_to TEXT,
    enabled_at TEXT,                                     -- since when it is on: what was due before is not done, …
    enabled_seq INTEGER,                                 -- … nor what happened up to this event
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    changed_seq INTEGER,                                 -- its place in the order of the last change; set by triggers
    CHECK ((quiet_from IS NULL) = (quiet_to IS NULL)),
    CHECK (enabled = (enabled_at IS NOT NULL) AND enabled = (enabled_seq IS NOT NULL))
) STRICT;
CREATE INDEX automations_by_name ON automations (name);

-- What an automation has been begun for, once each, over all processes and kills; written with all that it does.
CREATE TABLE automation_occasions (
    automation_id TEXT NOT NULL REFERENCES automations (id) ON DELETE CASCADE,
    occasion TEXT NOT NULL,                              -- the stay and its date, the conversation and since when it waits, …
    subject_id TEXT NOT NULL,                            -- of the stay, conversation or task
    due_at TEXT NOT NULL,
    since TEXT,                                          -- when it happened, where it is due some minutes later
    waits INTEGER NOT NULL CHECK (waits IN (0, 1)),      -- for its time, or for the end of the quiet hours
    PRIMARY KEY (automation_id, occasion)
) STRICT, WITHOUT ROWID;
CREATE INDEX automation_occasions_due ON automation_occasions (due_at) WHERE waits;

-- What has come of each action, kept a year.
CREATE TABLE automation_runs (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    automation_id TEXT NOT NULL REFERENCES automations (id) ON DELETE CASCADE,
    occasion TEXT NOT NULL,
    at TEXT NOT NULL,
    subject_type TEXT NOT NULL CHECK (subject_type IN ('stay', 'conversation', 'task')),
    subject_id TEXT NOT NULL,
    guest_id TEXT REFERENCES guests (id) ON DELETE SET NULL,
    action TEXT NOT NULL,
    result TEXT NOT NULL CHECK (result IN ('done', 'skipped', 'failed')),
    reason TEXT,                                         -- why it is not done, in one word
    because TEXT,                                        -- … and in a sentence
    message_id TEXT REFERENCES messages (id) ON DELETE SET NULL,
    task_id TEXT REFERENCES tasks (id) ON DELETE SET NULL,
    told TEXT CHECK (told IS NULL OR json_type(told) = 'array'),         -- the ids of the staff who are notified
    template_id TEXT                                     -- that was sent, which may be deleted since
) STRICT;
CREATE INDEX automation_runs_of ON automation_runs (automation_id, seq);
CREATE INDEX automation_runs_by_time ON automation_runs (at);
CREATE INDEX automation_runs_of_subject ON automation_runs (subject_id, automation_id) WHERE message_id IS NOT NULL;
CREATE INDEX automation_runs_of_guest ON automation_runs (guest_id, at) WHERE guest_id IS NOT NULL;
CREATE INDEX automation_runs_of_message ON automation_runs (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX automation_runs_of_task ON automation_runs (task_id) WHERE task_id IS NOT NULL;

-- How far automations have come.
CREATE TABLE automation_place (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    event_seq INTEGER NOT NULL DEFAULT 0,                -- up to which event it has been looked at what happened
    ready_made INTEGER NOT NULL DEFAULT 0 CHECK (ready_made IN (0, 1))   -- whether the ready-made ones have been put in
) STRICT;

-- ---------------------------------------------------------------------------------------------- attachments

-- Files that came with a message, or leave with one. The bytes are in attachments/ beside this file, under `file`: a name
-- Jack gives it, written once, before the row that names it is committed. `name` is only shown, and no part of a path.
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
    uploaded_by TEXT,                                    -- a member or an API key; NULL: received
    account TEXT,                                        -- where it is to be fetched, and …
    source TEXT,                                         -- … what the provider calls it
    attempts INTEGER NOT NULL DEFAULT 0,
    due_at TEXT,
    created_at TEXT NOT NULL,
    duration REAL,                                       -- of a sound or video, in seconds
    preview_of TEXT,                                     -- the picture this one is a JPEG of, for browsers that do not show that
    preview_due_at TEXT,                                 -- when such a JPEG is to be made (again)
    preview_attempts INTEGER NOT NULL DEFAULT 0,
    task_id TEXT REFERENCES tasks (id) ON DELETE CASCADE                 -- the task it is a photo of
        CHECK (task_id IS NULL OR message_id IS NULL),
    CHECK ((status = 'ready') = (file IS NOT NULL AND size IS NOT NULL AND digest IS NOT NULL)),
    CHECK ((status = 'pending') = (due_at IS NOT NULL AND source IS NOT NULL)),
    CHECK (status <> 'failed' OR error IS NOT NULL)
) STRICT;
CREATE INDEX attachments_of_message ON attachments (message_id, place) WHERE message_id IS NOT NULL;
CREATE INDEX attachments_due ON attachments (due_at) WHERE due_at IS NOT NULL;
CREATE UNIQUE INDEX attachments_preview_of ON attachments (preview_of) WHERE preview_of IS NOT NULL;
CREATE INDEX attachments_preview_due ON attachments (preview_due_at) WHERE preview_due_at IS NOT NULL;
CREATE INDEX attachments_of_task ON attachments (task_id, place) WHERE task_id IS NOT NULL;
CREATE INDEX attachments_unsent ON attachments (created_at) WHERE message_id IS NULL AND task_id IS NULL;

-- ---------------------------------------------------------------------------------------------- merged guests

-- What a merge moved from the deleted guest to the remaining one: enough to undo it for 30 days.
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

-- Guests who are due to be erased by themselves, and since when administrators see that.
CREATE TABLE erasures_due (
    guest_id TEXT PRIMARY KEY REFERENCES guests (id) ON DELETE CASCADE,
    noted_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Who the guests became that were merged, so that their ids lead on. Gone with the guest who remained, and with an undo.
CREATE TABLE merged_guests (
    id TEXT PRIMARY KEY,
    merged_into TEXT NOT NULL,
    merged_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX merged_guests_of ON merged_guests (merged_into);

-- By what two profiles may be the same person: the folded name, the end of a phone number, an e-mail a visitor gives.
CREATE INDEX guests_by_name ON guests (substr(search_text, 1, instr(search_text || char(10), char(10)) - 1));
CREATE INDEX guests_by_digits ON guests (substr(search_text, -8)) WHERE phone IS NOT NULL;
CREATE INDEX identities_by_digits ON guest_identities (substr(address, -8)) WHERE channel IN ('sms', 'whatsapp');
CREATE INDEX webchat_sessions_by_email ON webchat_sessions (lower(email)) WHERE guest_id IS NOT NULL;

-- ---------------------------------------------------------------------------------------------- the order of the last change

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
CREATE TRIGGER messages_stamped AFTER INSERT ON messages WHEN new.changed_seq IS NULL BEGIN
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
CREATE TRIGGER tasks_stamped AFTER INSERT ON tasks WHEN new.changed_seq IS NULL BEGIN
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

CREATE INDEX automations_by_change ON automations (changed_seq) WHERE changed_seq IS NOT NULL;
CREATE TRIGGER automations_stamped AFTER INSERT ON automations BEGIN
    UPDATE automations SET changed_seq = 1 + max(
        coalesce((SELECT changed_seq FROM automations WHERE changed_seq IS NOT NULL ORDER BY changed_seq DESC LIMIT 1), 0),
        coalesce((SELECT changed_seq FROM list_ends WHERE list = 'automations'), 0))
    WHERE seq = new.seq;
END;
CREATE TRIGGER automations_restamped AFTER UPDATE ON automations WHEN new.changed_seq IS old.changed_seq BEGIN
    UPDATE automations SET changed_seq = 1 + max(
        coalesce((SELECT changed_seq FROM automations WHERE changed_seq IS NOT NULL ORDER BY changed_seq DESC LIMIT 1), 0),
        coalesce((SELECT changed_seq FROM list_ends WHERE list = 'automations'), 0))
    WHERE seq = new.seq;
END;
CREATE TRIGGER automations_gone AFTER DELETE ON automations BEGIN
    INSERT INTO list_ends (list, seq, changed_seq)
    VALUES ('automations', old.seq, 1 + max(coalesce(old.changed_seq, 0), coalesce((SELECT changed_seq FROM automations WHERE changed_seq IS NOT NULL ORDER BY changed_seq DESC LIMIT 1), 0)))
    ON CONFLICT DO UPDATE
        SET seq = max(seq, excluded.seq), changed_seq = max(changed_seq + 1, excluded.changed_seq);
    INSERT INTO deletions (list, changed_seq, id)
    SELECT list, changed_seq, old.id FROM list_ends WHERE list = 'automations'
    ON CONFLICT (id) DO UPDATE SET changed_seq = excluded.changed_seq, merged_into = NULL, deleted_at = NULL;
END;

CREATE INDEX stays_by_change ON stays (changed_seq) WHERE changed_seq IS NOT NULL;
CREATE TRIGGER stays_stamped AFTER INSERT ON stays BEGIN
    UPDATE stays SET changed_seq = 1 + max(
        coalesce((SELECT changed_seq FROM stays WHERE changed_seq IS NOT NULL ORDER BY changed_seq DESC LIMIT 1), 0),
        coalesce((SELECT changed_seq FROM list_ends WHERE list = 'stays'), 0))
    WHERE seq = new.seq;
END;
CREATE TRIGGER stays_restamped AFTER UPDATE ON stays WHEN new.changed_seq IS old.changed_seq BEGIN
    UPDATE stays SET changed_seq = 1 + max(
        coalesce((SELECT changed_seq FROM stays WHERE changed_seq IS NOT NULL ORDER BY changed_seq DESC LIMIT 1), 0),
        coalesce((SELECT changed_seq FROM list_ends WHERE list = 'stays'), 0))
    WHERE seq = new.seq;
END;
CREATE TRIGGER stays_gone AFTER DELETE ON stays BEGIN
    INSERT INTO list_ends (list, seq, changed_seq)
    VALUES ('stays', old.seq, 1 + max(coalesce(old.changed_seq, 0), coalesce((SELECT changed_seq FROM stays WHERE changed_seq IS NOT NULL ORDER BY changed_seq DESC LIMIT 1), 0)))
    ON CONFLICT DO UPDATE
        SET seq = max(seq, excluded.seq), changed_seq = max(changed_seq + 1, excluded.changed_seq);
    INSERT INTO deletions (list, changed_seq, id)
    SELECT list, changed_seq, old.id FROM list_ends WHERE list = 'stays'
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
CREATE TRIGGER guest_of_stay_renamed AFTER UPDATE OF name ON guests WHEN old.name <> new.name BEGIN
    UPDATE stays SET updated_at = updated_at WHERE guest_id = new.id;
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

-- ---------------------------------------------------------------------------------------------- import and export

-- An export that the worker writes to a file.
CREATE TABLE exports (
    id TEXT PRIMARY KEY,
    what TEXT NOT NULL,
    format TEXT NOT NULL CHECK (format IN ('csv', 'ndjson', 'zip')),
    filters TEXT NOT NULL CHECK (json_type(filters) = 'object'),         -- as they were sent
    status TEXT NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'running', 'done', 'failed')),
    begun INTEGER NOT NULL DEFAULT 0,                    -- how often; an erasure makes what has been written void
    rows INTEGER,
    bytes INTEGER,
    digest TEXT,
    file TEXT,                                           -- below `exports/`
    error TEXT,
    created_by TEXT,
    created_at TEXT NOT NULL,
    expires_at TEXT,
    CHECK ((status = 'done') = (file IS NOT NULL AND rows IS NOT NULL AND bytes IS NOT NULL AND digest IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX exports_by_status ON exports (status, created_at);

-- An import of a file that was uploaded, done by the worker in short transactions.
CREATE TABLE imports (
    id TEXT PRIMARY KEY,
    what TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    dry_run INTEGER NOT NULL CHECK (dry_run IN (0, 1)),
    on_match TEXT NOT NULL CHECK (on_match IN ('skip', 'fill', 'overwrite')),
    mapping TEXT NOT NULL CHECK (json_type(mapping) = 'object'),         -- column → field
    file TEXT,                                           -- below `imports/`; NULL once it has been read to its end
    failed_file TEXT,                                    -- the lines that failed, below `imports/`
    total INTEGER NOT NULL DEFAULT 0,
    done INTEGER NOT NULL DEFAULT 0,                     -- how many lines have been brought in, from the first
    created INTEGER NOT NULL DEFAULT 0,
    updated INTEGER NOT NULL DEFAULT 0,
    unchanged INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    error TEXT,                                          -- why the whole import failed
    created_by TEXT,
    created_at TEXT NOT NULL,
    finished_at TEXT,
    CHECK (done = created + updated + unchanged + failed),
    CHECK ((finished_at IS NULL) = (status IN ('queued', 'running')))
) STRICT, WITHOUT ROWID;
CREATE INDEX imports_to_read ON imports (created_at) WHERE file IS NOT NULL;
CREATE INDEX imports_by_end ON imports (finished_at) WHERE finished_at IS NOT NULL;

-- The lines of an import that failed.
CREATE TABLE import_errors (
    import_id TEXT NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    line INTEGER NOT NULL,
    field TEXT NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (import_id, line)
) STRICT, WITHOUT ROWID;

-- ---------------------------------------------------------------------------------------------- reports

-- How long guests have waited: a row when a wait ends, by an answer, or because the conversation is closed or its guest blocked.
CREATE TABLE waits (
    conversation_seq INTEGER NOT NULL REFERENCES conversations (seq) ON DELETE CASCADE,
    since TEXT NOT NULL,
    ended_at TEXT NOT NULL,
    PRIMARY KEY (conversation_seq, since)
) STRICT, WITHOUT ROWID;
CREATE INDEX waits_by_start ON waits (since);
CREATE TRIGGER wait_ended AFTER UPDATE OF waiting_since ON conversations
WHEN old.waiting_since IS NOT NULL AND new.waiting_since IS NULL BEGIN
    INSERT INTO waits (conversation_seq, since, ended_at) VALUES (new.seq, old.waiting_since, new.updated_at)
        ON CONFLICT DO UPDATE SET ended_at = excluded.ended_at;
END;
-- An answer that failed or was taken back was none: the guest has been waiting all along.
CREATE TRIGGER wait_resumed AFTER UPDATE OF waiting_since ON conversations
WHEN old.waiting_since IS NULL AND new.waiting_since IS NOT NULL BEGIN
    DELETE FROM waits WHERE conversation_seq = new.seq AND since = new.waiting_since;
END;

-- When conversations were closed, and reopened after that.
CREATE TABLE closings (
    conversation_seq INTEGER NOT NULL REFERENCES conversations (seq) ON DELETE CASCADE,
    closed_at TEXT NOT NULL,
    opened_at TEXT NOT NULL,                             -- when it was created, or last reopened
    reopened_at TEXT,
    PRIMARY KEY (conversation_seq, closed_at)
) STRICT, WITHOUT ROWID;
CREATE INDEX closings_by_time ON closings (closed_at);
-- An erasure closes what is left of a conversation; nobody has done so.
CREATE TRIGGER conversation_closed AFTER UPDATE OF status ON conversations
WHEN old.status <> 'closed' AND new.status = 'closed' AND new.guest_id IS NOT NULL BEGIN
    INSERT INTO closings (conversation_seq, closed_at, opened_at)
        VALUES (new.seq, new.updated_at, coalesce(
            (SELECT reopened_at FROM closings WHERE conversation_seq = new.seq ORDER BY closed_at DESC LIMIT 1), new.created_at))
        ON CONFLICT DO UPDATE SET reopened_at = NULL;
END;
CREATE TRIGGER conversation_reopened AFTER UPDATE OF status ON conversations
WHEN old.status = 'closed' AND new.status <> 'closed' BEGIN
    UPDATE closings SET reopened_at = new.updated_at
    WHERE conversation_seq = new.seq AND closed_at = (SELECT max(closed_at) FROM closings WHERE conversation_seq = new.seq);
END;

CREATE INDEX messages_by_creation ON messages (created_at);
CREATE INDEX tasks_by_completion ON tasks (completed_at) WHERE completed_at IS NOT NULL;

-- ---------------------------------------------------------------------------------------------- handovers

-- What those who left said to those who came.
CREATE TABLE handovers (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    text TEXT NOT NULL,
    staff_id TEXT NOT NULL REFERENCES staff (id),
    created_at TEXT NOT NULL
) STRICT;
CREATE TABLE handover_reads (
    handover_id TEXT NOT NULL REFERENCES handovers (id) ON DELETE CASCADE,
    staff_id TEXT NOT NULL REFERENCES staff (id),
    read_at TEXT NOT NULL,
    PRIMARY KEY (handover_id, staff_id)
) STRICT, WITHOUT ROWID;

-- ---------------------------------------------------------------------------------------------- settings, events

CREATE TABLE settings (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL CHECK (json_type(value) = 'object'),
    updated_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The event log, written in the transaction of the change. Ids only: no personal data to erase here.
-- The newest row is never deleted, so that no seq is used twice.
CREATE TABLE events (
    seq INTEGER PRIMARY KEY,
    type TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    conversation_id TEXT,
    actor_id TEXT,                                       -- its prefix says who: staff, guest, API key; NULL: Jack itself
    changed TEXT NOT NULL DEFAULT '[]',                  -- the names of fields, as a JSON array
    created_at TEXT NOT NULL
) STRICT;

-- Who did what, when and from where: ids and names of fields, never values. It is only appended to, which triggers hold;
-- the newest row is never deleted, as of events.
CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    at TEXT NOT NULL,
    actor_id TEXT,                                       -- NULL: Jack itself, or a command
    action TEXT NOT NULL,                                -- an event's type, or a word such as sign_in.failed
    subject_type TEXT NOT NULL,
    subject_id TEXT,
    changed TEXT NOT NULL DEFAULT '[]',                  -- the names of fields, as a JSON array
    ip TEXT,
    request_id TEXT
) STRICT;
-- The only index, because each is paid for by every change; whoever filters otherwise walks the log from its newest row.
CREATE INDEX audit_by_subject ON audit (subject_id);

CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'the audit log cannot be changed');
END;
-- INSERT OR REPLACE would delete a row without asking the trigger below.
CREATE TRIGGER audit_not_replaced BEFORE INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE seq = new.seq) BEGIN
    SELECT RAISE(ABORT, 'the audit log cannot be changed');
END;
-- Kept for the days of the setting `audit`, 30 at least, whatever else it says.
CREATE TRIGGER audit_kept BEFORE DELETE ON audit
WHEN (old.at < strftime('%Y-%m-%dT%H:%M:%fZ', 'now', printf('-%d days', max(30, coalesce(
        (SELECT CAST(value ->> '$.days' AS INTEGER) FROM settings WHERE key = 'audit'), 365))))) IS NOT TRUE BEGIN
    SELECT RAISE(ABORT, 'the audit log is kept for the days of the setting audit');
END;

-- ---------------------------------------------------------------------------------------------- outgoing webhooks

-- Where events are sent; 20 at the most.
CREATE TABLE webhooks (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL,
    events TEXT NOT NULL CHECK (json_type(events) = 'array'),            -- which: names, prefixes (task.*) or *
    description TEXT,
    include_notes INTEGER NOT NULL DEFAULT 0 CHECK (include_notes IN (0, 1)),
    enabled INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    disabled_reason TEXT,                                -- why Jack has disabled it; NULL: somebody has
    told_at TEXT,                                        -- when administrators were told that Jack has
    secret BLOB NOT NULL,                                -- encrypted with a key that is made of the signing key
    secret_hint TEXT NOT NULL,                           -- its last four characters
    old_secret BLOB,                                     -- signs as well, until …
    old_secret_until TEXT,                               -- … then
    failures INTEGER NOT NULL DEFAULT 0,                 -- in a row, …
    failing_since TEXT,                                  -- … since then
    last_success_at TEXT,
    last_failure_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CHECK (disabled_reason IS NULL OR NOT enabled),
    CHECK ((old_secret IS NULL) = (old_secret_until IS NULL))
) STRICT;

-- An event for a webhook: written in the transaction of the change, sent by the worker, kept 30 days.
CREATE TABLE webhook_deliveries (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,                             -- the same in every repeat: the receiver knows it by this
    webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    event_seq INTEGER NOT NULL,                          -- events.seq
    event TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('pending', 'delivered', 'failed')),
    attempt INTEGER NOT NULL DEFAULT 0,                  -- how many have ended
    next_attempt_at TEXT,
    body TEXT,                                           -- made before the first attempt; NULL: not yet, or erased
    request_headers TEXT CHECK (request_headers IS NULL OR json_type(request_headers) = 'object'),  -- of the last attempt
    response_status INTEGER,
    response_body TEXT,                                  -- 4 KB of it at the most
    error TEXT,                                          -- why there was no response
    duration_ms INTEGER,
    created_at TEXT NOT NULL,
    CHECK ((status = 'pending') = (next_attempt_at IS NOT NULL))
) STRICT;
CREATE INDEX webhook_deliveries_of ON webhook_deliveries (webhook_id, status);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (webhook_id, next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX webhook_deliveries_of_event ON webhook_deliveries (event_seq);

-- ---------------------------------------------------------------------------------------------- push

-- The keys by which push services know this Jack (VAPID).
CREATE TABLE push_keys (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    public_key TEXT NOT NULL,
    private_key BLOB NOT NULL,                           -- encrypted with a key that is made of the signing key
    created_at TEXT NOT NULL
) STRICT;

-- Up to where all has been told: the last event, and the time up to which tasks were looked at that have become late.
CREATE TABLE push_place (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    event_seq INTEGER NOT NULL,                          -- events.seq
    due_at TEXT NOT NULL
) STRICT;

-- A browser in which somebody is told; it ends with the session it was made in.
CREATE TABLE push_subscriptions (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    staff_id TEXT NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    endpoint TEXT NOT NULL UNIQUE,                       -- its address at its push service
    p256dh TEXT NOT NULL,                                -- the keys that it is written to with
    auth TEXT NOT NULL,
    language TEXT,
    user_agent TEXT,
    last_success_at TEXT,
    last_failure_at TEXT,
    failure TEXT,                                        -- what the service said, when it took nothing the last time
    created_at TEXT NOT NULL
) STRICT;
CREATE INDEX push_subscriptions_of ON push_subscriptions (staff_id);
CREATE INDEX push_subscriptions_of_session ON push_subscriptions (session_id);
CREATE TRIGGER push_signed_out AFTER UPDATE OF revoked_at ON sessions WHEN new.revoked_at IS NOT NULL BEGIN
    DELETE FROM push_subscriptions WHERE session_id = new.id;
END;

-- What is to be pushed: one row for each subscription and thing, which what comes meanwhile takes over.
CREATE TABLE pushes (
    id TEXT PRIMARY KEY,
    subscription_id TEXT NOT NULL REFERENCES push_subscriptions (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,                                  -- why this person is told
    subject_id TEXT NOT NULL,                            -- the conversation, the task, what is out of order
    message_id TEXT,                                     -- the message of it
    attempt INTEGER NOT NULL DEFAULT 0,                  -- how many have ended
    next_attempt_at TEXT NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (subscription_id, subject_id)
) STRICT;
CREATE INDEX pushes_due ON pushes (subscription_id, next_attempt_at);

-- Of what somebody wants to be told; no row: of everything, at any hour.
CREATE TABLE notification_preferences (
    staff_id TEXT PRIMARY KEY REFERENCES staff (id) ON DELETE CASCADE,
    push TEXT NOT NULL CHECK (json_type(push) = 'array'),  -- kinds
    quiet_from TEXT,                                     -- HH:MM of the hotel's clock
    quiet_to TEXT,
    email TEXT NOT NULL DEFAULT '[]' CHECK (json_type(email) = 'array'),  -- kinds, as of the page
    page TEXT NOT NULL
    DEFAULT '["guest_mine","guest_unassigned","guest_other","task_mine","task_department","task_urgent","mention","health"]'
    CHECK (json_type(page) = 'array'),
    CHECK ((quiet_from IS NULL) = (quiet_to IS NULL))
) STRICT;

-- What somebody is to be told by e-mail: one row for each thing, which what comes meanwhile takes over; one mail gathers them.
CREATE TABLE notification_mails (
    id TEXT PRIMARY KEY,
    staff_id TEXT NOT NULL REFERENCES staff (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    subject_id TEXT NOT NULL,
    message_id TEXT,
    attempt INTEGER NOT NULL DEFAULT 0,
    next_attempt_at TEXT NOT NULL,
    created_at TEXT NOT NULL,
    UNIQUE (staff_id, subject_id)
) STRICT;
CREATE INDEX notification_mails_due ON notification_mails (next_attempt_at);

-- ---------------------------------------------------------------------------------------------- backups

-- A backup that Jack makes by itself, or was asked for.
CREATE TABLE backups (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    reason TEXT NOT NULL CHECK (reason IN ('nightly', 'asked')),
    status TEXT NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'running', 'done', 'failed')),
    file TEXT UNIQUE,                                    -- below `backups/`
    bytes INTEGER,
    digest TEXT,
    counts TEXT CHECK (counts IS NULL OR json_type(counts) = 'object'),  -- what was counted in the finished file
    encrypted INTEGER NOT NULL DEFAULT 0 CHECK (encrypted IN (0, 1)),
    error TEXT,                                          -- why it has failed
    copied_at TEXT,                                      -- when JACK_BACKUP_COMMAND had succeeded with it
    copy_error TEXT,                                     -- why that has failed
    created_by TEXT,
    created_at TEXT NOT NULL,
    finished_at TEXT,
    CHECK ((status = 'done') = (file IS NOT NULL AND bytes IS NOT NULL AND digest IS NOT NULL AND counts IS NOT NULL)),
    CHECK ((status IN ('queued', 'running')) = (finished_at IS NULL))
) STRICT;

-- That administrators were told that backups do not succeed; no row while all is well.
CREATE TABLE backup_warning (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    told_at TEXT NOT NULL
) STRICT;

-- ---------------------------------------------------------------------------------------------- idempotency

-- First responses to requests with an Idempotency-Key, kept 24 h, written in the transaction of the change.
CREATE TABLE idempotency (
    caller TEXT NOT NULL,
    key_hash TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    status INTEGER NOT NULL,
    headers TEXT NOT NULL,
    answer BLOB NOT NULL,
    sealed INTEGER NOT NULL CHECK (sealed IN (0, 1)),    -- a response with a secret in it is stored encrypted
    created_at TEXT NOT NULL,
    PRIMARY KEY (caller, key_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_by_age ON idempotency (created_at);
