-- E-mail can be tried out by a letter to oneself.
ALTER TABLE channel_tests ADD COLUMN letter_to TEXT REFERENCES staff (id);
