-- Made in the schema of the tenant, which is the only one in the search path.

-- One row: the gapless revision and the next lead's id. Every writer takes it first.
CREATE TABLE head (
  one       INTEGER PRIMARY KEY CHECK (one = 1),
  rev       BIGINT NOT NULL,
  next_lead BIGINT NOT NULL
);
INSERT INTO head VALUES (1, 0, 1);

-- What was done: imports, exports, single edits; later bulk operations and undos.
CREATE TABLE operation (
  id          BIGINT PRIMARY KEY,
  kind        TEXT COLLATE "C" NOT NULL,
  state       TEXT COLLATE "C" NOT NULL,
  name        TEXT COLLATE "C",
  actor       TEXT COLLATE "C",
  reason      TEXT COLLATE "C",
  started_at  BIGINT NOT NULL,
  finished_at BIGINT,
  millis      BIGINT NOT NULL DEFAULT 0,
  file        TEXT COLLATE "C",
  file_hash   TEXT COLLATE "C",
  -- Content and options of an import: the same key goes on, or is done already.
  import_key  TEXT COLLATE "C",
  -- Where an unfinished operation goes on: JSON, only its own kind reads it.
  progress    TEXT COLLATE "C",
  -- Until when a process holds the operation, and which.
  lease_until BIGINT,
  lease_owner TEXT COLLATE "C",
  mapping     TEXT COLLATE "C" NOT NULL DEFAULT '{}',
  counts      TEXT COLLATE "C" NOT NULL DEFAULT '{}',
  options     TEXT COLLATE "C" NOT NULL DEFAULT '{}',
  -- Plans, undos and repeated calls.
  token           TEXT COLLATE "C",
  plan_rev        BIGINT,
  expires_at      BIGINT,
  idempotency_key TEXT COLLATE "C",
  undo_of         BIGINT
);
CREATE UNIQUE INDEX operation_token ON operation (token) WHERE token IS NOT NULL;
CREATE UNIQUE INDEX operation_idempotency ON operation (idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX operation_undo ON operation (undo_of) WHERE undo_of IS NOT NULL;
CREATE INDEX operation_import ON operation (import_key) WHERE import_key IS NOT NULL;

-- Every write to leads: gapless revisions. Leads created_from..created_to came into being here.
CREATE TABLE commit_log (
  rev          BIGINT PRIMARY KEY,
  operation    BIGINT NOT NULL REFERENCES operation (id),
  at           BIGINT NOT NULL,
  actor        TEXT COLLATE "C",
  reason       TEXT COLLATE "C",
  created_from BIGINT,
  created_to   BIGINT,
  changed      BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX commit_operation ON commit_log (operation);

-- Before-images of changed fields; prev_rev leads back through a lead's history.
CREATE TABLE change (
  rev      BIGINT NOT NULL,
  lead     BIGINT NOT NULL,
  prev_rev BIGINT NOT NULL,
  before   TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (rev, lead)
);

-- Columns ending in _fold hold the folded text where it differs from the text itself.
CREATE TABLE lead (
  id              BIGINT PRIMARY KEY,
  rev             BIGINT NOT NULL,
  created_at      BIGINT NOT NULL,
  updated_at      BIGINT NOT NULL,
  deleted_at      BIGINT,
  merged_into     BIGINT,
  score           DOUBLE PRECISION,
  external_id     TEXT COLLATE "C",
  salutation      TEXT COLLATE "C",
  first_name      TEXT COLLATE "C",
  middle_name     TEXT COLLATE "C",
  last_name       TEXT COLLATE "C",
  full_name       TEXT COLLATE "C",
  email           TEXT COLLATE "C",
  phone           TEXT COLLATE "C",
  phone_extension TEXT COLLATE "C",
  company         TEXT COLLATE "C",
  job_title       TEXT COLLATE "C",
  website         TEXT COLLATE "C",
  street          TEXT COLLATE "C",
  city            TEXT COLLATE "C",
  state           TEXT COLLATE "C",
  postal_code     TEXT COLLATE "C",
  country         TEXT COLLATE "C",
  time_zone       TEXT COLLATE "C",
  language        TEXT COLLATE "C",
  source          TEXT COLLATE "C",
  status          TEXT COLLATE "C",
  owner           TEXT COLLATE "C",
  notes           TEXT COLLATE "C",
  emails          TEXT COLLATE "C",
  phones          TEXT COLLATE "C",
  tags            TEXT COLLATE "C",
  custom          TEXT COLLATE "C",
  original        TEXT COLLATE "C",
  external_id_fold     TEXT COLLATE "C",
  salutation_fold      TEXT COLLATE "C",
  first_name_fold      TEXT COLLATE "C",
  middle_name_fold     TEXT COLLATE "C",
  last_name_fold       TEXT COLLATE "C",
  full_name_fold       TEXT COLLATE "C",
  email_fold           TEXT COLLATE "C",
  phone_extension_fold TEXT COLLATE "C",
  company_fold         TEXT COLLATE "C",
  job_title_fold       TEXT COLLATE "C",
  website_fold         TEXT COLLATE "C",
  street_fold          TEXT COLLATE "C",
  city_fold            TEXT COLLATE "C",
  state_fold           TEXT COLLATE "C",
  postal_code_fold     TEXT COLLATE "C",
  time_zone_fold       TEXT COLLATE "C",
  language_fold        TEXT COLLATE "C",
  source_fold          TEXT COLLATE "C",
  status_fold          TEXT COLLATE "C",
  owner_fold           TEXT COLLATE "C",
  notes_fold           TEXT COLLATE "C",
  emails_fold          TEXT COLLATE "C",
  tags_fold            TEXT COLLATE "C",
  custom_fold          TEXT COLLATE "C"
);
-- Beginnings only: an index takes no long values.
CREATE INDEX lead_status ON lead (left(coalesce(status_fold, status), 200));
CREATE INDEX lead_owner ON lead (left(coalesce(owner_fold, owner), 200));

-- Hashes of the keys by which leads are matched; the value itself is compared on the lead.
CREATE TABLE lead_key (
  kind SMALLINT NOT NULL,
  hash BIGINT NOT NULL,
  lead BIGINT NOT NULL,
  PRIMARY KEY (kind, hash, lead)
);

-- Rejected rows of imports that are not finished; their end writes them to a file.
CREATE TABLE reject (
  operation BIGINT NOT NULL REFERENCES operation (id),
  seq       BIGINT NOT NULL,
  cells     TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (operation, seq)
);

CREATE TABLE custom_field (
  key      TEXT COLLATE "C" PRIMARY KEY,
  label    TEXT COLLATE "C" NOT NULL,
  kind     TEXT COLLATE "C" NOT NULL,
  choices  TEXT COLLATE "C" NOT NULL,
  archived BOOLEAN NOT NULL,
  position BIGINT NOT NULL
);

-- What operations left alone, and why.
CREATE TABLE conflict (
  operation BIGINT NOT NULL REFERENCES operation (id),
  seq       BIGINT NOT NULL,
  lead      BIGINT NOT NULL,
  code      TEXT COLLATE "C" NOT NULL,
  field     TEXT COLLATE "C",
  wanted    TEXT COLLATE "C" NOT NULL,
  found     TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (operation, seq)
);

CREATE TABLE status (
  key      TEXT COLLATE "C" PRIMARY KEY,
  label    TEXT COLLATE "C" NOT NULL,
  -- A list of keys as JSON; null: any may follow.
  next     TEXT COLLATE "C",
  position BIGINT NOT NULL
);

-- For people's own tools: read only, and their columns stay as they are within a version.
CREATE VIEW leads_v1 AS SELECT
  id, rev,
  to_char(to_timestamp(created_at / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS created_at,
  to_char(to_timestamp(updated_at / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS updated_at,
  external_id, salutation, first_name, middle_name, last_name, full_name, email, emails, phone,
  phone_extension, phones, company, job_title, website, street, city, state, postal_code, country,
  time_zone, language, source, status, owner, score, tags, notes, custom
FROM lead WHERE deleted_at IS NULL;

CREATE VIEW operations_v1 AS SELECT
  id, kind, state, name, actor, reason,
  to_char(to_timestamp(started_at / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS started_at,
  to_char(to_timestamp(finished_at / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS finished_at,
  millis / 1000.0 AS seconds, file, file_hash, counts, undo_of
FROM operation;

CREATE VIEW commits_v1 AS SELECT
  rev, operation AS operation_id,
  to_char(to_timestamp(at / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at,
  actor, reason, created_from, created_to, changed
FROM commit_log;
