-- What other programs call guests, tasks and entries, and what they note about them.

ALTER TABLE guests ADD COLUMN external_ids TEXT NOT NULL DEFAULT '{}' CHECK (json_type(external_ids) = 'object');
ALTER TABLE guests ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}' CHECK (json_type(metadata) = 'object');
ALTER TABLE conversations ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}' CHECK (json_type(metadata) = 'object');
ALTER TABLE tasks ADD COLUMN external_id TEXT;
ALTER TABLE tasks ADD COLUMN metadata TEXT NOT NULL DEFAULT '{}' CHECK (json_type(metadata) = 'object');
ALTER TABLE knowledge ADD COLUMN external_id TEXT;

CREATE UNIQUE INDEX tasks_by_external_id ON tasks (external_id) WHERE external_id IS NOT NULL;
CREATE UNIQUE INDEX knowledge_by_external_id ON knowledge (external_id) WHERE external_id IS NOT NULL;

CREATE TABLE guest_external_ids (
    name TEXT PRIMARY KEY NOT NULL,
    guest_id TEXT NOT NULL REFERENCES guests (id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX external_ids_of_guest ON guest_external_ids (guest_id);

CREATE TABLE erased_external_ids (
    resource TEXT NOT NULL CHECK (resource IN ('guests', 'tasks')),
    name_hash TEXT NOT NULL,
    PRIMARY KEY (resource, name_hash)
) STRICT, WITHOUT ROWID;
