-- In the order of their bytes, as the other keys of lists are.
ALTER TABLE members ALTER COLUMN email_key TYPE TEXT COLLATE "C";
ALTER TABLE invitations ALTER COLUMN email_key TYPE TEXT COLLATE "C";
ALTER TABLE projects ALTER COLUMN name_key TYPE TEXT COLLATE "C";

CREATE FUNCTION grants_open_projects() RETURNS trigger AS $$ BEGIN
    UPDATE projects p SET access_until = (SELECT MAX(g.valid_to) FROM grants g WHERE g.org_id = NEW.org_id AND g.scope_kind = 'project' AND g.scope_id = NEW.scope_id)
    WHERE p.org_id = NEW.org_id AND p.id = NEW.scope_id;
    RETURN NULL;
END $$ LANGUAGE plpgsql;
CREATE TRIGGER projects_opened AFTER INSERT ON grants FOR EACH ROW WHEN (NEW.scope_kind = 'project') EXECUTE FUNCTION grants_open_projects();
CREATE TRIGGER projects_closed AFTER UPDATE OF valid_to ON grants FOR EACH ROW
    WHEN (NEW.scope_kind = 'project' AND NEW.valid_to <> OLD.valid_to) EXECUTE FUNCTION grants_open_projects();
