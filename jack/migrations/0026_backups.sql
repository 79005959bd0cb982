-- Backups that Jack makes by itself, and whether administrators were told that none succeeds.
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
