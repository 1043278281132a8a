-- Who was erased, when and on which ground: ids, counts and fingerprints, as JSON.
CREATE TABLE erasure (
  id     INTEGER PRIMARY KEY,
  -- The host's key that its fingerprints are made with.
  key_id TEXT,
  value  TEXT NOT NULL
) STRICT;
CREATE INDEX erasure_key ON erasure (key_id);
CREATE TABLE erased_lead (
  lead    INTEGER PRIMARY KEY,
  erasure INTEGER NOT NULL REFERENCES erasure (id)
) STRICT;

-- Leads that must not be erased, and why, as JSON.
CREATE TABLE hold (
  lead  INTEGER PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;
