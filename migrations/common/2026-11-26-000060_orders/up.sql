-- One index for each order that a list is offered in, and for each figure beside a saved view.
CREATE INDEX members_by_email ON members (org_id, valid_to, email_key, id);
CREATE INDEX members_by_joined ON members (org_id, valid_to, valid_from, id);
CREATE INDEX projects_by_age ON projects (org_id, created_at, id);
CREATE INDEX invitations_by_email ON invitations (org_id, email_key, id);
CREATE INDEX invitations_by_status ON invitations (org_id, status, expires_at);
CREATE INDEX invitations_by_mail ON invitations (mail_id);
CREATE INDEX outbox_failed ON outbox (org_id, id) WHERE state = 'failed';
-- What went well, nearly all, costs nothing more.
CREATE INDEX audit_events_not_done ON audit_events (org_id, outcome, seq) WHERE outcome <> 'success';

-- When the last access to the project itself ends; kept by triggers (in the next migration) and never written by the program.
ALTER TABLE projects ADD COLUMN access_until BIGINT NOT NULL DEFAULT 0;
UPDATE projects SET access_until = COALESCE((SELECT MAX(g.valid_to) FROM grants g
    WHERE g.org_id = projects.org_id AND g.scope_kind = 'project' AND g.scope_id = projects.id), 0);
CREATE INDEX projects_by_access ON projects (org_id, access_until) WHERE deleted_at IS NULL;
