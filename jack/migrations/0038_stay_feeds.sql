-- Calendars of booking sites that stays are read from, and which booking is which stay.

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
