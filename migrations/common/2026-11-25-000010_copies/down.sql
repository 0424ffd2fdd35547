DROP TABLE externals;
DROP TABLE role_counts;
DROP TABLE org_counts;
ALTER TABLE users DROP COLUMN name_key;
