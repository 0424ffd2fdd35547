DROP TRIGGER grants_taken;
DROP TRIGGER grants_given;
DROP TRIGGER roles_taken;
DROP TRIGGER roles_given;
DROP TRIGGER users_change;
DROP TABLE member_search;
DROP TABLE search_docs;
DROP TABLE search_orgs;
CREATE TABLE members_by_number (
    org_id TEXT NOT NULL REFERENCES orgs (id),
    id TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    status TEXT NOT NULL CHECK (status IN ('active', 'suspended', 'pending', 'removed')),
    name_key TEXT NOT NULL,
    email_key TEXT NOT NULL,
    source_kind TEXT NOT NULL,
    source_id TEXT,
    granted_by TEXT NOT NULL,
    last_seen_at BIGINT,
    rev BIGINT NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);
INSERT INTO members_by_number SELECT org_id, id, user_id, status, name_key, email_key, source_kind, source_id, granted_by, last_seen_at, rev, valid_from, valid_to, updated_at
FROM members;
DROP TABLE members;
ALTER TABLE members_by_number RENAME TO members;
CREATE UNIQUE INDEX members_once ON members (org_id, user_id) WHERE valid_to = 9223372036854775807;
CREATE INDEX members_by_name ON members (org_id, valid_to, name_key, id);
CREATE INDEX members_by_seen ON members (org_id, valid_to, last_seen_at, id);
CREATE INDEX members_by_user ON members (user_id, valid_to);
