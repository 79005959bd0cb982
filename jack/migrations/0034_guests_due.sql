-- Guests who are due to be erased by themselves, and since when administrators see that.

CREATE TABLE erasures_due (
    guest_id TEXT PRIMARY KEY REFERENCES guests (id) ON DELETE CASCADE,
    noted_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
