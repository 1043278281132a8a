-- Who may be contacted, by what, and why. Rows are only ever added.
CREATE TABLE consent (
  id        INTEGER PRIMARY KEY,
  at        INTEGER NOT NULL,
  kind      TEXT NOT NULL,
  -- Null: all channels.
  channel   TEXT,
  address   TEXT NOT NULL,
  lead      INTEGER,
  purpose   TEXT,
  source    TEXT NOT NULL,
  wording   TEXT,
  given_at  INTEGER NOT NULL,
  proof     TEXT,
  review_by INTEGER,
  actor     TEXT,
  reason    TEXT
) STRICT;
CREATE INDEX consent_address ON consent (address);
CREATE INDEX consent_lead ON consent (lead) WHERE lead IS NOT NULL;

-- One row: the switches, as JSON.
CREATE TABLE setting (
  one   INTEGER PRIMARY KEY CHECK (one = 1),
  value TEXT NOT NULL
) STRICT;

-- Versions of texts for messages and calls, as JSON.
CREATE TABLE message_template (
  name    TEXT NOT NULL,
  version INTEGER NOT NULL,
  value   TEXT NOT NULL,
  PRIMARY KEY (name, version)
) STRICT, WITHOUT ROWID;

-- For people's own tools: read only, and its columns stay as they are within a version.
CREATE VIEW consent_v1 AS SELECT
  id, strftime('%Y-%m-%dT%H:%M:%fZ', at / 1000.0, 'unixepoch') AS at,
  kind, channel, address, lead, purpose, source, wording,
  strftime('%Y-%m-%dT%H:%M:%fZ', given_at / 1000.0, 'unixepoch') AS given_at,
  proof, strftime('%Y-%m-%dT%H:%M:%fZ', review_by / 1000.0, 'unixepoch') AS review_by, actor, reason
FROM consent;
