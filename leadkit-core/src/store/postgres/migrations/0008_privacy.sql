-- Who was erased, when and on which ground: ids, counts and fingerprints, as JSON.
CREATE TABLE erasure (
  id     BIGINT PRIMARY KEY,
  -- The host's key that its fingerprints are made with.
  key_id TEXT COLLATE "C",
  value  TEXT NOT NULL
);
CREATE INDEX erasure_key ON erasure (key_id);
CREATE TABLE erased_lead (
  lead    BIGINT PRIMARY KEY,
  erasure BIGINT NOT NULL REFERENCES erasure (id)
);

-- Leads that must not be erased, and why, as JSON.
CREATE TABLE hold (
  lead  BIGINT PRIMARY KEY,
  value TEXT NOT NULL
);
