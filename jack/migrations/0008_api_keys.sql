-- API keys, and what they do: messages of theirs, files they upload, conversations they have read.

CREATE TABLE api_keys (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL CHECK (json_type(scopes) = 'array'),
    rate_limit INTEGER NOT NULL,
    rate_limit_bulk INTEGER NOT NULL,
    created_by TEXT REFERENCES staff (id),
    created_at TEXT NOT NULL,
    last_used_at TEXT,
    last_used_ip TEXT,
    expires_at TEXT,
    revoked_at TEXT
) STRICT;

CREATE TABLE api_key_tokens (
    token_hash TEXT PRIMARY KEY,
    key_id TEXT NOT NULL REFERENCES api_keys (id) ON DELETE CASCADE,
    hint TEXT NOT NULL,
    created_at TEXT NOT NULL,
    ends_at TEXT
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX api_key_tokens_current ON api_key_tokens (key_id) WHERE ends_at IS NULL;
CREATE INDEX api_key_tokens_ended ON api_key_tokens (ends_at) WHERE ends_at IS NOT NULL;

-- As in step 2, definitions alone are changed: none of the rows there are breaks the new ones.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
    SET sql = replace(sql, '(author_type IN (''guest'', ''staff'', ''system''))', '(author_type IN (''guest'', ''staff'', ''integration'', ''system''))')
    WHERE type = 'table' AND name = 'messages';
UPDATE sqlite_schema
    SET sql = replace(sql, 'uploaded_by TEXT REFERENCES staff (id)', 'uploaded_by TEXT')
    WHERE type = 'table' AND name = 'attachments';
UPDATE sqlite_schema
    SET sql = replace(sql, 'staff_id TEXT NOT NULL REFERENCES staff (id) ON DELETE CASCADE', 'staff_id TEXT NOT NULL')
    WHERE type = 'table' AND name IN ('conversation_reads', 'read_counts');
PRAGMA writable_schema = RESET;
