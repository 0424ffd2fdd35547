-- How a person wants the console to look and to be used; applied to every page that they open.
ALTER TABLE users ADD COLUMN theme TEXT NOT NULL DEFAULT 'system';
ALTER TABLE users ADD COLUMN time_zone TEXT NOT NULL DEFAULT 'UTC';    -- an IANA name
ALTER TABLE users ADD COLUMN shortcuts BOOLEAN NOT NULL DEFAULT TRUE;  -- single keys such as / and g m
