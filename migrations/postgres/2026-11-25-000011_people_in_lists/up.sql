-- Members carry all that their list shows, so that a page needs nothing else.
ALTER TABLE members ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE members ADD COLUMN email TEXT NOT NULL DEFAULT '';
ALTER TABLE members ADD COLUMN mfa BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE members ADD COLUMN roles TEXT NOT NULL DEFAULT '';       -- ids of the roles held, with spaces between
ALTER TABLE members ADD COLUMN seen_key BIGINT NOT NULL DEFAULT 0;   -- minus last_seen_at: the latest come first
UPDATE members m SET name = u.name, email = u.email, mfa = u.mfa_since IS NOT NULL, seen_key = -COALESCE(m.last_seen_at, 0),
    roles = COALESCE((SELECT STRING_AGG(DISTINCT a.role_id, ' ') FROM role_assignments a
                      WHERE a.org_id = m.org_id AND a.user_id = m.user_id AND a.valid_to = 9223372036854775807), '')
FROM users u WHERE u.id = m.user_id;
DROP INDEX members_by_name;
DROP INDEX members_by_seen;
-- In the order of their bytes, as SQLite has it: it is also the quickest.
ALTER TABLE members ALTER COLUMN name_key TYPE TEXT COLLATE "C";
ALTER TABLE externals ALTER COLUMN name_key TYPE TEXT COLLATE "C";
CREATE INDEX members_by_name ON members (org_id, valid_to, name_key, id);
CREATE INDEX members_by_seen ON members (org_id, valid_to, seen_key, id);
CREATE INDEX members_by_status ON members (org_id, valid_to, status, name_key, id);
CREATE INDEX members_by_mfa ON members (org_id, valid_to, mfa, name_key, id);

-- Search by any part of name and address. Without the right to create the extension the search still works, only slower.
DO $$ BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX members_by_part ON members USING gin ((name_key || ' ' || email_key) gin_trgm_ops) WHERE valid_to = 9223372036854775807;
EXCEPTION WHEN insufficient_privilege OR undefined_file OR feature_not_supported THEN
    RAISE WARNING 'the extension pg_trgm is missing: searching in large organizations will be slow';
END $$;

INSERT INTO org_counts (org_id, members, suspended, without_mfa, active_without_mfa)
SELECT org_id, COUNT(*), COUNT(*) FILTER (WHERE status = 'suspended'), COUNT(*) FILTER (WHERE NOT mfa), COUNT(*) FILTER (WHERE NOT mfa AND status = 'active')
FROM members WHERE valid_to = 9223372036854775807 GROUP BY org_id;
INSERT INTO role_counts (org_id, role_id, holders)
SELECT org_id, role_id, COUNT(DISTINCT user_id) FROM role_assignments WHERE valid_to = 9223372036854775807 GROUP BY org_id, role_id;
INSERT INTO externals (org_id, user_id, name, name_key, email, email_key, mfa, valid_to)
SELECT g.org_id, u.id, u.name, u.name_key, u.email, u.email_key, u.mfa_since IS NOT NULL, MAX(g.valid_to) FROM grants g JOIN users u ON u.id = g.subject_id
WHERE g.subject_kind = 'user' AND NOT EXISTS (SELECT 1 FROM members m WHERE m.org_id = g.org_id AND m.user_id = u.id AND m.valid_to = 9223372036854775807)
GROUP BY g.org_id, u.id;

CREATE FUNCTION refresh_external(org TEXT, person TEXT) RETURNS VOID AS $$ BEGIN
    IF EXISTS (SELECT 1 FROM members m WHERE m.org_id = org AND m.user_id = person AND m.valid_to = 9223372036854775807) THEN
        DELETE FROM externals e WHERE e.org_id = org AND e.user_id = person;
    ELSE
        INSERT INTO externals (org_id, user_id, name, name_key, email, email_key, mfa, valid_to)
        SELECT g.org_id, u.id, u.name, u.name_key, u.email, u.email_key, u.mfa_since IS NOT NULL, MAX(g.valid_to) FROM grants g JOIN users u ON u.id = g.subject_id
        WHERE g.org_id = org AND g.subject_kind = 'user' AND g.subject_id = person GROUP BY g.org_id, u.id
        ON CONFLICT (org_id, user_id) DO UPDATE SET valid_to = excluded.valid_to;
    END IF;
END $$ LANGUAGE plpgsql;

CREATE FUNCTION members_changed() RETURNS trigger AS $$
DECLARE
    was BOOLEAN := FALSE;
    present BOOLEAN := NEW.valid_to = 9223372036854775807;
BEGIN
    IF TG_OP = 'UPDATE' THEN
        was := OLD.valid_to = 9223372036854775807;
    END IF;
    INSERT INTO org_counts (org_id, members, suspended, without_mfa, active_without_mfa) VALUES (NEW.org_id, 0, 0, 0, 0) ON CONFLICT DO NOTHING;
    UPDATE org_counts SET
        members = members + present::int - was::int,
        suspended = suspended + (present AND NEW.status = 'suspended')::int - CASE WHEN was THEN (OLD.status = 'suspended')::int ELSE 0 END,
        without_mfa = without_mfa + (present AND NOT NEW.mfa)::int - CASE WHEN was THEN (NOT OLD.mfa)::int ELSE 0 END,
        active_without_mfa = active_without_mfa + (present AND NOT NEW.mfa AND NEW.status = 'active')::int
            - CASE WHEN was THEN (NOT OLD.mfa AND OLD.status = 'active')::int ELSE 0 END
    WHERE org_id = NEW.org_id;
    IF present <> was THEN
        PERFORM refresh_external(NEW.org_id, NEW.user_id);
    END IF;
    RETURN NULL;
END $$ LANGUAGE plpgsql;
CREATE TRIGGER members_come AFTER INSERT ON members FOR EACH ROW EXECUTE FUNCTION members_changed();
CREATE TRIGGER members_change AFTER UPDATE OF status, mfa, valid_to ON members FOR EACH ROW
WHEN (OLD.status <> NEW.status OR OLD.mfa <> NEW.mfa OR OLD.valid_to <> NEW.valid_to) EXECUTE FUNCTION members_changed();

CREATE FUNCTION users_changed() RETURNS trigger AS $$ BEGIN
    UPDATE members SET name = NEW.name, name_key = NEW.name_key, email = NEW.email, email_key = NEW.email_key, mfa = NEW.mfa_since IS NOT NULL
    WHERE user_id = NEW.id AND valid_to = 9223372036854775807;
    UPDATE externals SET name = NEW.name, name_key = NEW.name_key, email = NEW.email, email_key = NEW.email_key, mfa = NEW.mfa_since IS NOT NULL WHERE user_id = NEW.id;
    RETURN NULL;
END $$ LANGUAGE plpgsql;
CREATE TRIGGER users_change AFTER UPDATE OF name, name_key, email, email_key, mfa_since ON users FOR EACH ROW EXECUTE FUNCTION users_changed();

CREATE FUNCTION roles_changed() RETURNS trigger AS $$
DECLARE
    others BOOLEAN := EXISTS (SELECT 1 FROM role_assignments a WHERE a.org_id = NEW.org_id AND a.user_id = NEW.user_id AND a.role_id = NEW.role_id
                              AND a.valid_to = 9223372036854775807 AND a.id <> NEW.id);
BEGIN
    IF NOT others AND TG_OP = 'INSERT' THEN
        INSERT INTO role_counts (org_id, role_id, holders) VALUES (NEW.org_id, NEW.role_id, 1)
        ON CONFLICT (org_id, role_id) DO UPDATE SET holders = role_counts.holders + 1;
    ELSIF NOT others THEN
        UPDATE role_counts SET holders = holders - 1 WHERE org_id = NEW.org_id AND role_id = NEW.role_id;
    END IF;
    UPDATE members SET roles = COALESCE((SELECT STRING_AGG(DISTINCT a.role_id, ' ') FROM role_assignments a
        WHERE a.org_id = NEW.org_id AND a.user_id = NEW.user_id AND a.valid_to = 9223372036854775807), '')
    WHERE org_id = NEW.org_id AND user_id = NEW.user_id AND valid_to = 9223372036854775807;
    RETURN NULL;
END $$ LANGUAGE plpgsql;
CREATE TRIGGER roles_given AFTER INSERT ON role_assignments FOR EACH ROW WHEN (NEW.valid_to = 9223372036854775807) EXECUTE FUNCTION roles_changed();
CREATE TRIGGER roles_taken AFTER UPDATE OF valid_to ON role_assignments FOR EACH ROW
WHEN (OLD.valid_to = 9223372036854775807 AND NEW.valid_to <> OLD.valid_to) EXECUTE FUNCTION roles_changed();

CREATE FUNCTION grants_changed() RETURNS trigger AS $$ BEGIN
    PERFORM refresh_external(NEW.org_id, NEW.subject_id);
    RETURN NULL;
END $$ LANGUAGE plpgsql;
CREATE TRIGGER grants_given AFTER INSERT ON grants FOR EACH ROW WHEN (NEW.subject_kind = 'user') EXECUTE FUNCTION grants_changed();
CREATE TRIGGER grants_taken AFTER UPDATE OF valid_to ON grants FOR EACH ROW WHEN (NEW.subject_kind = 'user' AND NEW.valid_to <> OLD.valid_to) EXECUTE FUNCTION grants_changed();
