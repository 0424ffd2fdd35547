-- What lists show and count is kept beside what it comes from, by triggers (in the next migration), so that a page is one short range of
-- one index however large an organization grows. These tables and columns are never written by the program.
ALTER TABLE users ADD COLUMN name_key TEXT NOT NULL DEFAULT '';  -- the name in small letters
UPDATE users SET name_key = COALESCE((SELECT MIN(m.name_key) FROM members m WHERE m.user_id = users.id AND m.valid_to = 9223372036854775807), LOWER(name));

CREATE TABLE org_counts (
    org_id TEXT PRIMARY KEY,
    members BIGINT NOT NULL,                   -- present, suspended ones too
    suspended BIGINT NOT NULL,
    without_mfa BIGINT NOT NULL,               -- of all present
    active_without_mfa BIGINT NOT NULL
);

CREATE TABLE role_counts (
    org_id TEXT NOT NULL,
    role_id TEXT NOT NULL,
    holders BIGINT NOT NULL,
    PRIMARY KEY (org_id, role_id)
);

-- People with access to something in an organization that they are no member of.
CREATE TABLE externals (
    org_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    mfa BOOLEAN NOT NULL,
    valid_to BIGINT NOT NULL,                  -- when the last of their access ends
    PRIMARY KEY (org_id, user_id)
);
CREATE INDEX externals_by_name ON externals (org_id, name_key, user_id);
CREATE INDEX externals_of_user ON externals (user_id);

-- Who has what on one thing is found by its whole key.
DROP INDEX grants_by_scope;
CREATE INDEX grants_by_scope ON grants (org_id, scope_kind, scope_id, subject_kind, subject_id, valid_to);
