-- The audit log is only ever added to. The program has no statement that changes it; this keeps others from having one.
CREATE FUNCTION audit_events_are_final() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'audit events cannot be changed or deleted'; END $$ LANGUAGE plpgsql;
CREATE TRIGGER audit_events_no_change BEFORE UPDATE OR DELETE ON audit_events FOR EACH ROW EXECUTE FUNCTION audit_events_are_final();
CREATE TRIGGER audit_events_no_truncate BEFORE TRUNCATE ON audit_events FOR EACH STATEMENT EXECUTE FUNCTION audit_events_are_final();
