-- The rows of an organization's members lie in the order of their list, with all that the list shows.
CREATE TABLE members_in_order (
    org_id TEXT NOT NULL REFERENCES orgs (id),
    id TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    status TEXT NOT NULL CHECK (status IN ('active', 'suspended', 'pending', 'removed')),
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    mfa BOOLEAN NOT NULL,
    roles TEXT NOT NULL DEFAULT '',            -- ids of the roles held, with spaces between
    source_kind TEXT NOT NULL,
    source_id TEXT,
    granted_by TEXT NOT NULL,
    last_seen_at BIGINT,
    seen_key BIGINT NOT NULL DEFAULT 0,        -- minus last_seen_at: the latest come first
    rev BIGINT NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, valid_to, name_key, id)
) WITHOUT ROWID;
INSERT INTO members_in_order (org_id, id, user_id, status, name, name_key, email, email_key, mfa, roles, source_kind, source_id, granted_by, last_seen_at, seen_key,
                              rev, valid_from, valid_to, updated_at)
SELECT m.org_id, m.id, m.user_id, m.status, u.name, m.name_key, u.email, m.email_key, u.mfa_since IS NOT NULL,
       COALESCE((SELECT GROUP_CONCAT(DISTINCT a.role_id) FROM role_assignments a
                 WHERE a.org_id = m.org_id AND a.user_id = m.user_id AND a.valid_to = 9223372036854775807), ''),
       m.source_kind, m.source_id, m.granted_by, m.last_seen_at, -COALESCE(m.last_seen_at, 0), m.rev, m.valid_from, m.valid_to, m.updated_at
FROM members m JOIN users u ON u.id = m.user_id;
UPDATE members_in_order SET roles = REPLACE(roles, ',', ' ');
DROP TABLE members;
ALTER TABLE members_in_order RENAME TO members;
CREATE UNIQUE INDEX members_by_id ON members (org_id, id);
CREATE UNIQUE INDEX members_once ON members (org_id, user_id) WHERE valid_to = 9223372036854775807;
CREATE INDEX members_by_user ON members (user_id, valid_to);
CREATE INDEX members_by_seen ON members (org_id, valid_to, seen_key, id, user_id, name, name_key, email, status, mfa, roles, source_kind, last_seen_at, rev, valid_from, updated_at);
CREATE INDEX members_by_status ON members (org_id, valid_to, status, name_key, id);
CREATE INDEX members_by_mfa ON members (org_id, valid_to, mfa, name_key, id);

-- Search by any part of name and address: a trigram index. The documents of an organization are numbered in a range of their own, so a
-- search never looks at another one's.
CREATE TABLE search_orgs (number INTEGER PRIMARY KEY, org_id TEXT NOT NULL UNIQUE, used INTEGER NOT NULL);
CREATE TABLE search_docs (doc INTEGER PRIMARY KEY, org_id TEXT NOT NULL, member_id TEXT NOT NULL, UNIQUE (org_id, member_id));
CREATE VIRTUAL TABLE member_search USING fts5(text, content = '', contentless_delete = 1, tokenize = 'trigram', detail = 'none');
INSERT INTO search_orgs (org_id, used) SELECT org_id, COUNT(*) FROM members WHERE valid_to = 9223372036854775807 GROUP BY org_id;
INSERT INTO search_docs (doc, org_id, member_id)
SELECT (o.number << 32) + ROW_NUMBER() OVER (PARTITION BY m.org_id ORDER BY m.id), m.org_id, m.id
FROM members m JOIN search_orgs o ON o.org_id = m.org_id WHERE m.valid_to = 9223372036854775807;
INSERT INTO member_search (rowid, text)
SELECT d.doc, m.name_key || ' ' || m.email_key FROM search_docs d JOIN members m ON m.org_id = d.org_id AND m.id = d.member_id;

INSERT INTO org_counts (org_id, members, suspended, without_mfa, active_without_mfa)
SELECT org_id, COUNT(*), SUM(status = 'suspended'), SUM(NOT mfa), SUM(NOT mfa AND status = 'active') FROM members WHERE valid_to = 9223372036854775807 GROUP BY org_id;
INSERT INTO role_counts (org_id, role_id, holders)
SELECT org_id, role_id, COUNT(DISTINCT user_id) FROM role_assignments WHERE valid_to = 9223372036854775807 GROUP BY org_id, role_id;
INSERT INTO externals (org_id, user_id, name, name_key, email, email_key, mfa, valid_to)
SELECT g.org_id, u.id, u.name, u.name_key, u.email, u.email_key, u.mfa_since IS NOT NULL, MAX(g.valid_to) FROM grants g JOIN users u ON u.id = g.subject_id
WHERE g.subject_kind = 'user' AND NOT EXISTS (SELECT 1 FROM members m WHERE m.org_id = g.org_id AND m.user_id = u.id AND m.valid_to = 9223372036854775807)
GROUP BY g.org_id, u.id;

CREATE TRIGGER members_come AFTER INSERT ON members WHEN NEW.valid_to = 9223372036854775807 BEGIN
    INSERT INTO org_counts (org_id, members, suspended, without_mfa, active_without_mfa)
    VALUES (NEW.org_id, 1, NEW.status = 'suspended', NOT NEW.mfa, NOT NEW.mfa AND NEW.status = 'active')
    ON CONFLICT (org_id) DO UPDATE SET members = members + 1, suspended = suspended + excluded.suspended, without_mfa = without_mfa + excluded.without_mfa,
        active_without_mfa = active_without_mfa + excluded.active_without_mfa;
    INSERT INTO search_orgs (org_id, used) VALUES (NEW.org_id, 1) ON CONFLICT (org_id) DO UPDATE SET used = used + 1;
    INSERT INTO search_docs (doc, org_id, member_id) SELECT (number << 32) + used, NEW.org_id, NEW.id FROM search_orgs WHERE org_id = NEW.org_id;
    INSERT INTO member_search (rowid, text) SELECT doc, NEW.name_key || ' ' || NEW.email_key FROM search_docs WHERE org_id = NEW.org_id AND member_id = NEW.id;
    DELETE FROM externals WHERE org_id = NEW.org_id AND user_id = NEW.user_id;
END;
CREATE TRIGGER members_change AFTER UPDATE OF status, mfa, valid_to ON members
WHEN OLD.status <> NEW.status OR OLD.mfa <> NEW.mfa OR OLD.valid_to <> NEW.valid_to BEGIN
    UPDATE org_counts SET
        members = members + (NEW.valid_to = 9223372036854775807) - (OLD.valid_to = 9223372036854775807),
        suspended = suspended + (NEW.valid_to = 9223372036854775807 AND NEW.status = 'suspended') - (OLD.valid_to = 9223372036854775807 AND OLD.status = 'suspended'),
        without_mfa = without_mfa + (NEW.valid_to = 9223372036854775807 AND NOT NEW.mfa) - (OLD.valid_to = 9223372036854775807 AND NOT OLD.mfa),
        active_without_mfa = active_without_mfa + (NEW.valid_to = 9223372036854775807 AND NOT NEW.mfa AND NEW.status = 'active')
            - (OLD.valid_to = 9223372036854775807 AND NOT OLD.mfa AND OLD.status = 'active')
    WHERE org_id = NEW.org_id;
END;
CREATE TRIGGER members_leave AFTER UPDATE OF valid_to ON members WHEN OLD.valid_to = 9223372036854775807 AND NEW.valid_to <> OLD.valid_to BEGIN
    DELETE FROM member_search WHERE rowid = (SELECT doc FROM search_docs WHERE org_id = NEW.org_id AND member_id = NEW.id);
    DELETE FROM search_docs WHERE org_id = NEW.org_id AND member_id = NEW.id;
    INSERT OR REPLACE INTO externals (org_id, user_id, name, name_key, email, email_key, mfa, valid_to)
    SELECT g.org_id, u.id, u.name, u.name_key, u.email, u.email_key, u.mfa_since IS NOT NULL, MAX(g.valid_to) FROM grants g JOIN users u ON u.id = g.subject_id
    WHERE g.org_id = NEW.org_id AND g.subject_kind = 'user' AND g.subject_id = NEW.user_id GROUP BY g.org_id, u.id;
END;
CREATE TRIGGER members_return AFTER UPDATE OF valid_to ON members WHEN NEW.valid_to = 9223372036854775807 AND OLD.valid_to <> NEW.valid_to BEGIN
    INSERT INTO search_orgs (org_id, used) VALUES (NEW.org_id, 1) ON CONFLICT (org_id) DO UPDATE SET used = used + 1;
    INSERT INTO search_docs (doc, org_id, member_id) SELECT (number << 32) + used, NEW.org_id, NEW.id FROM search_orgs WHERE org_id = NEW.org_id;
    INSERT INTO member_search (rowid, text) SELECT doc, NEW.name_key || ' ' || NEW.email_key FROM search_docs WHERE org_id = NEW.org_id AND member_id = NEW.id;
    DELETE FROM externals WHERE org_id = NEW.org_id AND user_id = NEW.user_id;
END;
CREATE TRIGGER members_renamed AFTER UPDATE OF name_key, email_key ON members
WHEN NEW.valid_to = 9223372036854775807 AND (OLD.name_key <> NEW.name_key OR OLD.email_key <> NEW.email_key) BEGIN
    UPDATE member_search SET text = NEW.name_key || ' ' || NEW.email_key WHERE rowid = (SELECT doc FROM search_docs WHERE org_id = NEW.org_id AND member_id = NEW.id);
END;
CREATE TRIGGER users_change AFTER UPDATE OF name, name_key, email, email_key, mfa_since ON users BEGIN
    UPDATE members SET name = NEW.name, name_key = NEW.name_key, email = NEW.email, email_key = NEW.email_key, mfa = NEW.mfa_since IS NOT NULL
    WHERE user_id = NEW.id AND valid_to = 9223372036854775807;
    UPDATE externals SET name = NEW.name, name_key = NEW.name_key, email = NEW.email, email_key = NEW.email_key, mfa = NEW.mfa_since IS NOT NULL WHERE user_id = NEW.id;
END;

CREATE TRIGGER roles_given AFTER INSERT ON role_assignments WHEN NEW.valid_to = 9223372036854775807 BEGIN
    INSERT INTO role_counts (org_id, role_id, holders)
    SELECT NEW.org_id, NEW.role_id, 1 WHERE NOT EXISTS (SELECT 1 FROM role_assignments a WHERE a.org_id = NEW.org_id AND a.user_id = NEW.user_id
        AND a.role_id = NEW.role_id AND a.valid_to = 9223372036854775807 AND a.id <> NEW.id)
    ON CONFLICT (org_id, role_id) DO UPDATE SET holders = holders + 1;
    UPDATE members SET roles = TRIM(roles || ' ' || NEW.role_id)
    WHERE org_id = NEW.org_id AND user_id = NEW.user_id AND valid_to = 9223372036854775807 AND INSTR(roles, NEW.role_id) = 0;
END;
CREATE TRIGGER roles_taken AFTER UPDATE OF valid_to ON role_assignments WHEN OLD.valid_to = 9223372036854775807 AND NEW.valid_to <> OLD.valid_to
    AND NOT EXISTS (SELECT 1 FROM role_assignments a WHERE a.org_id = NEW.org_id AND a.user_id = NEW.user_id AND a.role_id = NEW.role_id
        AND a.valid_to = 9223372036854775807) BEGIN
    UPDATE role_counts SET holders = holders - 1 WHERE org_id = NEW.org_id AND role_id = NEW.role_id;
    UPDATE members SET roles = TRIM(REPLACE(REPLACE(' ' || roles || ' ', ' ' || NEW.role_id || ' ', ' '), '  ', ' '))
    WHERE org_id = NEW.org_id AND user_id = NEW.user_id AND valid_to = 9223372036854775807;
END;

CREATE TRIGGER grants_given AFTER INSERT ON grants WHEN NEW.subject_kind = 'user'
    AND NOT EXISTS (SELECT 1 FROM members m WHERE m.org_id = NEW.org_id AND m.user_id = NEW.subject_id AND m.valid_to = 9223372036854775807) BEGIN
    INSERT INTO externals (org_id, user_id, name, name_key, email, email_key, mfa, valid_to)
    SELECT NEW.org_id, u.id, u.name, u.name_key, u.email, u.email_key, u.mfa_since IS NOT NULL, NEW.valid_to FROM users u WHERE u.id = NEW.subject_id
    ON CONFLICT (org_id, user_id) DO UPDATE SET valid_to = MAX(valid_to, excluded.valid_to);
END;
CREATE TRIGGER grants_taken AFTER UPDATE OF valid_to ON grants WHEN NEW.subject_kind = 'user' AND NEW.valid_to <> OLD.valid_to BEGIN
    UPDATE externals SET valid_to = (SELECT MAX(g.valid_to) FROM grants g WHERE g.org_id = NEW.org_id AND g.subject_kind = 'user' AND g.subject_id = NEW.subject_id)
    WHERE org_id = NEW.org_id AND user_id = NEW.subject_id;
END;
