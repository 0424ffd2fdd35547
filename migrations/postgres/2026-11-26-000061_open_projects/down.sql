DROP TRIGGER projects_closed ON grants;
DROP TRIGGER projects_opened ON grants;
DROP FUNCTION grants_open_projects;
