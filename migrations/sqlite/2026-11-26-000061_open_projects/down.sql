DROP TRIGGER projects_closed;
DROP TRIGGER projects_opened;
