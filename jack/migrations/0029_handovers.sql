-- The handover of a shift: what somebody said, and who has read it.

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
