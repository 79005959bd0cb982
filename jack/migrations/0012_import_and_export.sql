-- Exports, which the worker writes to a file, and imports of a file that was uploaded.
CREATE TABLE exports (
    id TEXT PRIMARY KEY,
    what TEXT NOT NULL,
    format TEXT NOT NULL CHECK (format IN ('csv', 'ndjson')),
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

CREATE TABLE import_errors (
    import_id TEXT NOT NULL REFERENCES imports (id) ON DELETE CASCADE,
    line INTEGER NOT NULL,
    field TEXT NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (import_id, line)
) STRICT, WITHOUT ROWID;
