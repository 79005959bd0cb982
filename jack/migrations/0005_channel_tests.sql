-- Tests of a channel's account, which the worker does.
CREATE TABLE channel_tests (
    id TEXT PRIMARY KEY,
    channel TEXT NOT NULL REFERENCES channels (name),
    settings_at TEXT,                                    -- when the settings that are tested were put
    status TEXT NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'ok', 'failed')),
    steps TEXT NOT NULL DEFAULT '[]' CHECK (json_type(steps) = 'array'),
    created_at TEXT NOT NULL,
    begun_at TEXT                                        -- NULL: no worker has begun it
) STRICT, WITHOUT ROWID;
CREATE INDEX channel_tests_by_creation ON channel_tests (created_at);
