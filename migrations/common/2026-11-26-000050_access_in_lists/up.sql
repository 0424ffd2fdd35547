-- The first who have access to a project, and how many people from outside there are, from an index alone.
DROP INDEX grants_by_scope;
CREATE INDEX grants_by_scope ON grants (org_id, scope_kind, scope_id, subject_kind, subject_id, valid_to, valid_from, id);
CREATE INDEX externals_by_end ON externals (org_id, valid_to);
