DROP INDEX externals_by_end;
DROP INDEX grants_by_scope;
CREATE INDEX grants_by_scope ON grants (org_id, scope_kind, scope_id, subject_kind, subject_id, valid_to);
