-- What was done, by whom, in a chain: each entry's mac is made of all its columns, the mac before it among them.
-- It holds ids and fingerprints, and nothing of people's.
CREATE TABLE audit (
  seq      INTEGER PRIMARY KEY,
  at       INTEGER NOT NULL,
  kind     TEXT NOT NULL,
  actor    TEXT,
  detail   TEXT NOT NULL,
  key_id   TEXT,
  previous TEXT NOT NULL,
  mac      TEXT NOT NULL
) STRICT;
