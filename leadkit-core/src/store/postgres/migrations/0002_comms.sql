-- Who may be contacted, by what, and why. Rows are only ever added.
CREATE TABLE consent (
  id        BIGINT PRIMARY KEY,
  at        BIGINT NOT NULL,
  kind      TEXT COLLATE "C" NOT NULL,
  -- Null: all channels.
  channel   TEXT COLLATE "C",
  address   TEXT COLLATE "C" NOT NULL,
  lead      BIGINT,
  purpose   TEXT COLLATE "C",
  source    TEXT COLLATE "C" NOT NULL,
  wording   TEXT COLLATE "C",
  given_at  BIGINT NOT NULL,
  proof     TEXT COLLATE "C",
  review_by BIGINT,
  actor     TEXT COLLATE "C",
  reason    TEXT COLLATE "C"
);
CREATE INDEX consent_address ON consent (address);
CREATE INDEX consent_lead ON consent (lead) WHERE lead IS NOT NULL;

-- One row: the switches, as JSON.
CREATE TABLE setting (
  one   INTEGER PRIMARY KEY CHECK (one = 1),
  value TEXT COLLATE "C" NOT NULL
);

-- Versions of texts for messages and calls, as JSON.
CREATE TABLE message_template (
  name    TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  value   TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (name, version)
);

-- For people's own tools: read only, and its columns stay as they are within a version.
CREATE VIEW consent_v1 AS SELECT
  id, to_char(to_timestamp(at / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at,
  kind, channel, address, lead, purpose, source, wording,
  to_char(to_timestamp(given_at / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS given_at,
  proof, to_char(to_timestamp(review_by / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS review_by,
  actor, reason
FROM consent;
