-- People brought in from a file. The row is the job as well: whoever holds its lease works on it, and after a crash another goes on.
CREATE TABLE imports (
    org_id TEXT NOT NULL REFERENCES orgs (id),
    id TEXT NOT NULL,
    file_name TEXT NOT NULL,
    way TEXT NOT NULL,                         -- invite, add
    state TEXT NOT NULL,                       -- checking, checked, running, done, stopped, failed
    message TEXT NOT NULL,                     -- why it waits or has failed
    size BIGINT NOT NULL,                      -- bytes of the file
    position BIGINT NOT NULL,                  -- bytes that are checked
    total BIGINT NOT NULL,                     -- rows that are checked
    ready BIGINT NOT NULL,                     -- of these: to be taken in
    done BIGINT NOT NULL,                      -- of these: taken in
    by_user TEXT NOT NULL REFERENCES users (id),
    proved_mfa BOOLEAN NOT NULL,
    due_at BIGINT NOT NULL,
    lease TEXT NOT NULL,
    lease_until BIGINT NOT NULL,
    started_at BIGINT NOT NULL,                -- of the present stage
    ended_at BIGINT,
    rev BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (org_id, id)
);
CREATE INDEX imports_at_work ON imports (state, due_at);

-- The file itself, until it is checked.
CREATE TABLE import_files (
    org_id TEXT NOT NULL,
    import_id TEXT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (org_id, import_id)
);

CREATE TABLE import_rows (
    org_id TEXT NOT NULL,
    import_id TEXT NOT NULL,
    line BIGINT NOT NULL,                      -- in the file, the heading is 1
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    name TEXT NOT NULL,
    roles TEXT NOT NULL,
    projects TEXT NOT NULL,
    state TEXT NOT NULL,                       -- ready, member, duplicate, invalid, done
    message TEXT NOT NULL,
    PRIMARY KEY (org_id, import_id, line)
);
CREATE INDEX import_rows_by_address ON import_rows (org_id, import_id, email_key);
CREATE INDEX import_rows_by_state ON import_rows (org_id, import_id, state, line);
