CREATE TRIGGER projects_opened AFTER INSERT ON grants WHEN NEW.scope_kind = 'project' BEGIN
    UPDATE projects SET access_until = MAX(access_until, NEW.valid_to) WHERE org_id = NEW.org_id AND id = NEW.scope_id;
END;
CREATE TRIGGER projects_closed AFTER UPDATE OF valid_to ON grants WHEN NEW.scope_kind = 'project' AND NEW.valid_to <> OLD.valid_to BEGIN
    UPDATE projects SET access_until = (SELECT MAX(g.valid_to) FROM grants g WHERE g.org_id = NEW.org_id AND g.scope_kind = 'project' AND g.scope_id = NEW.scope_id)
    WHERE org_id = NEW.org_id AND id = NEW.scope_id;
END;
