-- Reactions stand on their messages; those to messages that are not known yet wait.
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
