DROP INDEX grants_by_scope;
CREATE INDEX grants_by_scope ON grants (org_id, scope_kind, scope_id, valid_to);
DROP TABLE externals;
DROP TABLE role_counts;
DROP TABLE org_counts;
ALTER TABLE users DROP COLUMN name_key;
