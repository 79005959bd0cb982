-- Which message a message quotes.
ALTER TABLE messages ADD COLUMN reply_to_id TEXT;
