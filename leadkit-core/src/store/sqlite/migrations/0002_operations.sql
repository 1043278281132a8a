-- Plans, undos and repeated calls.
ALTER TABLE operation ADD COLUMN token TEXT;
ALTER TABLE operation ADD COLUMN plan_rev INTEGER;
ALTER TABLE operation ADD COLUMN expires_at INTEGER;
ALTER TABLE operation ADD COLUMN idempotency_key TEXT;
ALTER TABLE operation ADD COLUMN undo_of INTEGER;
CREATE UNIQUE INDEX operation_token ON operation (token) WHERE token IS NOT NULL;
CREATE UNIQUE INDEX operation_idempotency ON operation (idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX operation_undo ON operation (undo_of) WHERE undo_of IS NOT NULL;

-- What operations left alone, and why.
CREATE TABLE conflict (
  operation INTEGER NOT NULL REFERENCES operation (id),
  seq       INTEGER NOT NULL,
  lead      INTEGER NOT NULL,
  code      TEXT NOT NULL,
  field     TEXT,
  wanted    TEXT NOT NULL,
  found     TEXT NOT NULL,
  PRIMARY KEY (operation, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE status (
  key      TEXT PRIMARY KEY,
  label    TEXT NOT NULL,
  -- A list of keys as JSON; null: any may follow.
  next     TEXT,
  position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- For people's own tools: read only, and their columns stay as they are within a version.
CREATE VIEW leads_v1 AS SELECT
  id, rev,
  strftime('%Y-%m-%dT%H:%M:%fZ', created_at / 1000.0, 'unixepoch') AS created_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', updated_at / 1000.0, 'unixepoch') AS updated_at,
  external_id, salutation, first_name, middle_name, last_name, full_name, email, emails, phone,
  phone_extension, phones, company, job_title, website, street, city, state, postal_code, country,
  time_zone, language, source, status, owner, score, tags, notes, custom
FROM lead WHERE deleted_at IS NULL;

CREATE VIEW operations_v1 AS SELECT
  id, kind, state, name, actor, reason,
  strftime('%Y-%m-%dT%H:%M:%fZ', started_at / 1000.0, 'unixepoch') AS started_at,
  strftime('%Y-%m-%dT%H:%M:%fZ', finished_at / 1000.0, 'unixepoch') AS finished_at,
  millis / 1000.0 AS seconds, file, file_hash, counts, undo_of
FROM operation;

CREATE VIEW commits_v1 AS SELECT
  rev, operation AS operation_id,
  strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch') AS at,
  actor, reason, created_from, created_to, changed
FROM commit_log;
