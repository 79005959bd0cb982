-- The message templates that Meta has for the hotel, as the worker has last read them.

CREATE TABLE whatsapp_templates (
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    status TEXT NOT NULL,
    category TEXT NOT NULL,
    content TEXT NOT NULL CHECK (json_type(content) = 'object'),
    PRIMARY KEY (name, language)
) STRICT, WITHOUT ROWID;
