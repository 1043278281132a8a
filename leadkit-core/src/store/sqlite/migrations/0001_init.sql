-- One row: the gapless revision and the next lead's id. Every writer takes it first.
CREATE TABLE head (
  one       INTEGER PRIMARY KEY CHECK (one = 1),
  rev       INTEGER NOT NULL,
  next_lead INTEGER NOT NULL
) STRICT;
INSERT INTO head VALUES (1, 0, 1);

-- What was done: imports, exports, single edits; later bulk operations and undos.
CREATE TABLE operation (
  id          INTEGER PRIMARY KEY,
  kind        TEXT NOT NULL,
  state       TEXT NOT NULL,
  name        TEXT,
  actor       TEXT,
  reason      TEXT,
  started_at  INTEGER NOT NULL,
  finished_at INTEGER,
  millis      INTEGER NOT NULL DEFAULT 0,
  file        TEXT,
  file_hash   TEXT,
  -- Content and options of an import: the same key goes on, or is done already.
  import_key  TEXT,
  -- Where an unfinished operation goes on: JSON, only its own kind reads it.
  progress    TEXT,
  -- Until when a process holds the operation, and which.
  lease_until INTEGER,
  lease_owner TEXT,
  mapping     TEXT NOT NULL DEFAULT '{}',
  counts      TEXT NOT NULL DEFAULT '{}',
  options     TEXT NOT NULL DEFAULT '{}'
) STRICT;
CREATE INDEX operation_import ON operation (import_key) WHERE import_key IS NOT NULL;

-- Every write to leads: gapless revisions. Leads created_from..created_to came into being here.
CREATE TABLE commit_log (
  rev          INTEGER PRIMARY KEY,
  operation    INTEGER NOT NULL REFERENCES operation (id),
  at           INTEGER NOT NULL,
  actor        TEXT,
  reason       TEXT,
  created_from INTEGER,
  created_to   INTEGER,
  changed      INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX commit_operation ON commit_log (operation);

-- Before-images of changed fields; prev_rev leads back through a lead's history.
CREATE TABLE change (
  rev      INTEGER NOT NULL,
  lead     INTEGER NOT NULL,
  prev_rev INTEGER NOT NULL,
  before   TEXT NOT NULL,
  PRIMARY KEY (rev, lead)
) STRICT, WITHOUT ROWID;

-- Columns ending in _fold hold the folded text where it differs from the text itself.
CREATE TABLE lead (
  id              INTEGER PRIMARY KEY,
  rev             INTEGER NOT NULL,
  created_at      INTEGER NOT NULL,
  updated_at      INTEGER NOT NULL,
  deleted_at      INTEGER,
  merged_into     INTEGER,
  score           REAL,
  external_id     TEXT,
  salutation      TEXT,
  first_name      TEXT,
  middle_name     TEXT,
  last_name       TEXT,
  full_name       TEXT,
  email           TEXT,
  phone           TEXT,
  phone_extension TEXT,
  company         TEXT,
  job_title       TEXT,
  website         TEXT,
  street          TEXT,
  city            TEXT,
  state           TEXT,
  postal_code     TEXT,
  country         TEXT,
  time_zone       TEXT,
  language        TEXT,
  source          TEXT,
  status          TEXT,
  owner           TEXT,
  notes           TEXT,
  emails          TEXT,
  phones          TEXT,
  tags            TEXT,
  custom          TEXT,
  original        TEXT,
  external_id_fold     TEXT,
  salutation_fold      TEXT,
  first_name_fold      TEXT,
  middle_name_fold     TEXT,
  last_name_fold       TEXT,
  full_name_fold       TEXT,
  email_fold           TEXT,
  phone_extension_fold TEXT,
  company_fold         TEXT,
  job_title_fold       TEXT,
  website_fold         TEXT,
  street_fold          TEXT,
  city_fold            TEXT,
  state_fold           TEXT,
  postal_code_fold     TEXT,
  time_zone_fold       TEXT,
  language_fold        TEXT,
  source_fold          TEXT,
  status_fold          TEXT,
  owner_fold           TEXT,
  notes_fold           TEXT,
  emails_fold          TEXT,
  tags_fold            TEXT,
  custom_fold          TEXT
) STRICT;
CREATE INDEX lead_status ON lead (coalesce(status_fold, status));
CREATE INDEX lead_owner ON lead (coalesce(owner_fold, owner));

-- Hashes of the keys by which leads are matched; the value itself is compared on the lead.
CREATE TABLE lead_key (
  kind INTEGER NOT NULL,
  hash INTEGER NOT NULL,
  lead INTEGER NOT NULL,
  PRIMARY KEY (kind, hash, lead)
) STRICT, WITHOUT ROWID;

-- Rejected rows of imports that are not finished; their end writes them to a file.
CREATE TABLE reject (
  operation INTEGER NOT NULL REFERENCES operation (id),
  seq       INTEGER NOT NULL,
  cells     TEXT NOT NULL,
  PRIMARY KEY (operation, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE custom_field (
  key      TEXT PRIMARY KEY,
  label    TEXT NOT NULL,
  kind     TEXT NOT NULL,
  choices  TEXT NOT NULL,
  archived INTEGER NOT NULL,
  position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
