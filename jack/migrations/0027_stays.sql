-- Stays: who is at the hotel, when and in which room.

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

CREATE TRIGGER guest_of_stay_renamed AFTER UPDATE OF name ON guests WHEN old.name <> new.name BEGIN
    UPDATE stays SET updated_at = updated_at WHERE guest_id = new.id;
END;

-- That the external id of a stay was erased is kept as well: a CHECK cannot be changed in place.
CREATE TEMP TABLE kept AS SELECT resource, name_hash FROM erased_external_ids;
DROP TABLE erased_external_ids;
CREATE TABLE erased_external_ids (
    resource TEXT NOT NULL CHECK (resource IN ('guests', 'stays', 'tasks')),
    name_hash TEXT NOT NULL,
    PRIMARY KEY (resource, name_hash)
) STRICT, WITHOUT ROWID;
INSERT INTO erased_external_ids (resource, name_hash) SELECT resource, name_hash FROM kept;
DROP TABLE kept;
