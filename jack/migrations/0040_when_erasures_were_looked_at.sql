-- When it was last looked at who is to be erased by themselves: whoever was noted before a longer pause was not seen for a week.

ALTER TABLE instance ADD COLUMN erasures_looked_at TEXT;
