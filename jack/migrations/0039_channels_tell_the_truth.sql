-- When a channel's account was last seen to work and to fail; invitations that are on their way by e-mail.

ALTER TABLE channel_accounts ADD COLUMN worked_at TEXT;
ALTER TABLE channel_accounts ADD COLUMN failed_at TEXT;
ALTER TABLE channel_accounts ADD COLUMN poll_failed_at TEXT;
UPDATE channel_accounts
SET worked_at = nullif(max(coalesce(last_outbound_at, ''), coalesce(last_inbound_at, '')), '');

-- Invitations to be sent by e-mail, until they have left: for an hour at the most, or until the link is used or replaced.
CREATE TABLE invite_mails (
    staff_id TEXT PRIMARY KEY REFERENCES staff (id) ON DELETE CASCADE,
    token_hash TEXT NOT NULL REFERENCES invites (token_hash) ON DELETE CASCADE,
    token BLOB NOT NULL,                                 -- sealed with the signing key
    asked_at TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_try_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX invite_mails_of_link ON invite_mails (token_hash);
