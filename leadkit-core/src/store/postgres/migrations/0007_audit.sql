-- What was done, by whom, in a chain: each entry's mac is made of all its columns, the mac before it among them.
-- It holds ids and fingerprints, and nothing of people's.
CREATE TABLE audit (
  seq      BIGINT PRIMARY KEY,
  at       BIGINT NOT NULL,
  kind     TEXT COLLATE "C" NOT NULL,
  actor    TEXT COLLATE "C",
  detail   TEXT COLLATE "C" NOT NULL,
  key_id   TEXT COLLATE "C",
  previous TEXT COLLATE "C" NOT NULL,
  mac      TEXT COLLATE "C" NOT NULL
);
