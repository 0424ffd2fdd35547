-- The dialect that SQLite and PostgreSQL share: TEXT, BIGINT, BOOLEAN; ids and times (microseconds since 1970, UTC) come from
-- the program. A row is open while its valid_to is ahead; the end of what has none is 9223372036854775807.

CREATE TABLE instance (
    id TEXT PRIMARY KEY CHECK (id = 'instance'),
    seq BIGINT NOT NULL,                       -- lock and audit sequence of everything above organizations
    audit_head TEXT NOT NULL,
    rev BIGINT NOT NULL,
    org_creation TEXT NOT NULL CHECK (org_creation IN ('anyone', 'account_admins', 'operators')),
    admin_page BOOLEAN NOT NULL,               -- whether organizations have the Organization Admin page
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE users (
    id TEXT PRIMARY KEY,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    email_verified_at BIGINT,
    name TEXT NOT NULL,
    password_hash TEXT,
    is_operator BOOLEAN NOT NULL,
    active BOOLEAN NOT NULL,
    mfa_since BIGINT,                          -- when the authenticator was confirmed; NULL: none
    last_org_id TEXT,
    last_seen_at BIGINT,
    rev BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX users_by_name ON users (name, id);

CREATE TABLE authenticators (
    user_id TEXT PRIMARY KEY REFERENCES users (id),
    secret_sealed TEXT NOT NULL,
    confirmed_at BIGINT,
    last_used_step BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE recovery_codes (
    user_id TEXT NOT NULL REFERENCES users (id),
    code_hash TEXT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (user_id, code_hash)
);

CREATE TABLE sessions (
    key_hash TEXT PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    user_id TEXT REFERENCES users (id),
    state TEXT NOT NULL,
    mfa_at BIGINT,                             -- when this session proved a second factor
    ip TEXT NOT NULL,
    user_agent TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX sessions_by_user ON sessions (user_id, expires_at);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- A browser that has signed in to this account before: a stranger's wrong passwords cannot lock it out.
CREATE TABLE known_devices (
    user_id TEXT NOT NULL REFERENCES users (id),
    token_hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, token_hash)
);

CREATE TABLE one_time_links (
    token_hash TEXT PRIMARY KEY,
    kind TEXT NOT NULL,                        -- setup, password, email
    user_id TEXT REFERENCES users (id),
    email TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    used_at BIGINT
);
CREATE INDEX one_time_links_by_user ON one_time_links (user_id, kind);

CREATE TABLE rate_limits (
    bucket TEXT PRIMARY KEY,
    window_start BIGINT NOT NULL,
    used BIGINT NOT NULL
);
CREATE INDEX rate_limits_by_window ON rate_limits (window_start);

CREATE TABLE api_tokens (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    last4 TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    rev BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    last_used_at BIGINT,
    last_used_ip TEXT,
    revoked_at BIGINT,
    proved_mfa BOOLEAN NOT NULL DEFAULT TRUE   -- whether its maker had proved a second factor
);
CREATE INDEX api_tokens_by_user ON api_tokens (user_id, created_at);

CREATE TABLE idempotent_answers (
    principal TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    status BIGINT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (principal, idempotency_key)
);
CREATE INDEX idempotent_answers_by_age ON idempotent_answers (created_at);

CREATE TABLE orgs (
    id TEXT PRIMARY KEY,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    policy TEXT NOT NULL,                      -- the current policy record, as JSON
    seq BIGINT NOT NULL,                       -- lock and audit sequence of the organization
    audit_head TEXT NOT NULL,
    rev BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT
);
CREATE UNIQUE INDEX orgs_by_slug ON orgs (slug) WHERE deleted_at IS NULL;
CREATE INDEX orgs_by_name ON orgs (name, id);

CREATE TABLE policy_versions (
    org_id TEXT NOT NULL REFERENCES orgs (id),
    version BIGINT NOT NULL,
    record TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, version)
);

-- One row per stay: who leaves and comes back has two. The sort keys are copies, so that a page of members is one index range.
CREATE TABLE members (
    org_id TEXT NOT NULL REFERENCES orgs (id),
    id TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    status TEXT NOT NULL CHECK (status IN ('active', 'suspended', 'pending', 'removed')),
    name_key TEXT NOT NULL,
    email_key TEXT NOT NULL,
    source_kind TEXT NOT NULL,
    source_id TEXT,
    granted_by TEXT NOT NULL,
    last_seen_at BIGINT,
    rev BIGINT NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX members_once ON members (org_id, user_id) WHERE valid_to = 9223372036854775807;
CREATE INDEX members_by_name ON members (org_id, valid_to, name_key, id);
CREATE INDEX members_by_seen ON members (org_id, valid_to, last_seen_at, id);
CREATE INDEX members_by_user ON members (user_id, valid_to);

CREATE TABLE roles (
    org_id TEXT NOT NULL REFERENCES orgs (id),
    id TEXT NOT NULL,
    role_key TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('user', 'machine')),
    level TEXT NOT NULL CHECK (level IN ('org', 'workspace', 'project')),
    origin TEXT NOT NULL CHECK (origin IN ('builtin', 'template', 'org')),
    rev BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT,
    PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX roles_by_key ON roles (org_id, level, role_key) WHERE deleted_at IS NULL;

CREATE TABLE role_permissions (
    org_id TEXT NOT NULL,
    role_id TEXT NOT NULL,
    permission TEXT NOT NULL,
    PRIMARY KEY (org_id, role_id, permission),
    FOREIGN KEY (org_id, role_id) REFERENCES roles (org_id, id)
);

CREATE TABLE role_assignments (
    org_id TEXT NOT NULL,
    id TEXT NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    role_id TEXT NOT NULL,
    source_kind TEXT NOT NULL,
    source_id TEXT,
    granted_by TEXT NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT NOT NULL,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, role_id) REFERENCES roles (org_id, id)
);
CREATE INDEX role_assignments_by_user ON role_assignments (org_id, user_id, valid_to);
CREATE INDEX role_assignments_by_role ON role_assignments (org_id, role_id, valid_to, user_id);
CREATE UNIQUE INDEX role_assignments_once ON role_assignments (org_id, user_id, role_id, source_kind) WHERE valid_to = 9223372036854775807;

CREATE TABLE workspaces (
    org_id TEXT NOT NULL REFERENCES orgs (id),
    id TEXT NOT NULL,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    rev BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT,
    PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX workspaces_by_slug ON workspaces (org_id, slug) WHERE deleted_at IS NULL;

CREATE TABLE projects (
    org_id TEXT NOT NULL,
    id TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    description TEXT NOT NULL,
    rev BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, workspace_id) REFERENCES workspaces (org_id, id)
);
CREATE UNIQUE INDEX projects_by_slug ON projects (org_id, slug) WHERE deleted_at IS NULL;
CREATE INDEX projects_by_name ON projects (org_id, name_key, id);
CREATE INDEX projects_by_workspace ON projects (org_id, workspace_id);

CREATE TABLE grants (
    org_id TEXT NOT NULL,
    id TEXT NOT NULL,
    scope_kind TEXT NOT NULL CHECK (scope_kind IN ('org', 'workspace', 'project')),
    scope_id TEXT NOT NULL,
    subject_kind TEXT NOT NULL CHECK (subject_kind IN ('user', 'role', 'group', 'service_account', 'everyone')),
    subject_id TEXT NOT NULL,                  -- empty for everyone
    role_id TEXT NOT NULL,
    source_kind TEXT NOT NULL,
    source_id TEXT,
    granted_by TEXT NOT NULL,
    rev BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    valid_from BIGINT NOT NULL,
    valid_to BIGINT NOT NULL,
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, role_id) REFERENCES roles (org_id, id)
);
CREATE INDEX grants_by_scope ON grants (org_id, scope_kind, scope_id, valid_to);
CREATE INDEX grants_by_subject ON grants (org_id, subject_kind, subject_id, valid_to);
CREATE INDEX grants_of_user ON grants (subject_id, subject_kind, valid_to);
CREATE INDEX grants_by_role ON grants (org_id, role_id, valid_to);
CREATE UNIQUE INDEX grants_once ON grants (org_id, scope_kind, scope_id, subject_kind, subject_id, source_kind) WHERE valid_to = 9223372036854775807;

CREATE TABLE invitations (
    org_id TEXT NOT NULL REFERENCES orgs (id),
    id TEXT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    token_hash TEXT NOT NULL UNIQUE,
    generation BIGINT NOT NULL,                -- counts the links; each new one kills the one before
    status TEXT NOT NULL CHECK (status IN ('pending', 'accepted', 'revoked')),
    membership BOOLEAN NOT NULL,               -- false: access to projects only, as an external
    invited_by TEXT NOT NULL,
    accepted_by TEXT,
    mail_id TEXT,
    sent_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    closed_at BIGINT,
    rev BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);
CREATE UNIQUE INDEX invitations_once ON invitations (org_id, email_key) WHERE status = 'pending';
CREATE INDEX invitations_by_age ON invitations (org_id, created_at, id);

-- What an invitation gives: an org role (scope_kind 'org'), or a role on a project.
CREATE TABLE invitation_gifts (
    org_id TEXT NOT NULL,
    invitation_id TEXT NOT NULL,
    scope_kind TEXT NOT NULL CHECK (scope_kind IN ('org', 'project')),
    scope_id TEXT NOT NULL,
    role_id TEXT NOT NULL,
    PRIMARY KEY (org_id, invitation_id, scope_kind, scope_id, role_id),
    FOREIGN KEY (org_id, invitation_id) REFERENCES invitations (org_id, id),
    FOREIGN KEY (org_id, role_id) REFERENCES roles (org_id, id)
);
CREATE INDEX invitation_gifts_by_role ON invitation_gifts (org_id, role_id);

-- What happened, one chain per organization and one for the instance (org_id 'instance').
CREATE TABLE audit_events (
    org_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    id TEXT NOT NULL,
    at BIGINT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    action TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('success', 'denied', 'failed')),
    target_kind TEXT NOT NULL,
    target_id TEXT NOT NULL,
    target_name TEXT NOT NULL,
    before TEXT,
    after TEXT,
    summary TEXT NOT NULL,
    search TEXT NOT NULL,                      -- lower-case words, for the filter by text
    via TEXT NOT NULL,
    session_hash TEXT NOT NULL,
    ip TEXT NOT NULL,
    request_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (org_id, seq)
);
CREATE INDEX audit_events_by_actor ON audit_events (org_id, actor_id, seq);
CREATE INDEX audit_events_by_action ON audit_events (org_id, action, seq);
CREATE INDEX audit_events_by_target ON audit_events (org_id, target_id, seq);
CREATE INDEX audit_events_by_time ON audit_events (org_id, at, seq);

CREATE TABLE outbox (
    id TEXT PRIMARY KEY,
    org_id TEXT,
    kind TEXT NOT NULL,
    recipient TEXT NOT NULL,
    message_id TEXT NOT NULL,
    sealed TEXT NOT NULL,                      -- the rendered mail, sealed; emptied once it is sent or dropped
    state TEXT NOT NULL CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'dropped')),
    attempts BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    lease TEXT NOT NULL,
    lease_until BIGINT NOT NULL,
    last_error TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    sent_at BIGINT
);
CREATE INDEX outbox_due ON outbox (state, next_at);
