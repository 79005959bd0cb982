-- What every peer stores: the part of a hotel's data that the three measured calls touch.
CREATE TABLE staff (
  id     TEXT PRIMARY KEY,
  name   TEXT NOT NULL,
  role   TEXT NOT NULL,
  active INTEGER NOT NULL DEFAULT 1
);

CREATE TABLE sessions (
  jti        TEXT PRIMARY KEY,
  staff_id   TEXT NOT NULL REFERENCES staff (id),
  expires_at TEXT NOT NULL,
  revoked_at TEXT
);

CREATE TABLE guests (
  id         TEXT PRIMARY KEY,
  name       TEXT NOT NULL,
  email      TEXT UNIQUE,
  phone      TEXT UNIQUE,
  notes      TEXT,
  language   TEXT,
  created_at TEXT NOT NULL,
  updated_at TEXT NOT NULL
);
CREATE INDEX guests_newest ON guests (created_at DESC, id DESC);

CREATE TABLE guest_tags (
  id       INTEGER PRIMARY KEY,
  guest_id TEXT NOT NULL REFERENCES guests (id),
  tag      TEXT NOT NULL,
  UNIQUE (guest_id, tag)
);
CREATE INDEX guest_tags_tag ON guest_tags (tag, guest_id);

CREATE TABLE tasks (
  id              TEXT PRIMARY KEY,
  title           TEXT NOT NULL,
  description     TEXT,
  department      TEXT NOT NULL,
  priority        TEXT NOT NULL CHECK (priority IN ('low', 'normal', 'high', 'urgent')),
  status          TEXT NOT NULL DEFAULT 'open',
  guest_id        TEXT REFERENCES guests (id),
  conversation_id TEXT,
  room            TEXT,
  assignee_id     TEXT REFERENCES staff (id),
  due_at          TEXT NOT NULL,
  notes           TEXT,
  completed_at    TEXT,
  created_at      TEXT NOT NULL,
  updated_at      TEXT NOT NULL
);
CREATE INDEX tasks_due ON tasks (status, due_at, id);
CREATE INDEX tasks_guest ON tasks (guest_id);
