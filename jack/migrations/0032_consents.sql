-- What is noted of guests' consents to messages, by channel.

ALTER TABLE guests ADD COLUMN consents TEXT NOT NULL DEFAULT '{}' CHECK (json_type(consents) = 'object');
