-- An export may be the ZIP of one guest.

CREATE TEMP TABLE kept AS SELECT id, what, format, filters, status, begun, rows, bytes, digest, file, error, created_by, created_at, expires_at FROM exports;
DROP TABLE exports;
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
INSERT INTO exports (id, what, format, filters, status, begun, rows, bytes, digest, file, error, created_by, created_at, expires_at)
SELECT id, what, format, filters, status, begun, rows, bytes, digest, file, error, created_by, created_at, expires_at FROM kept;
DROP TABLE kept;
