-- What statistics count of a contact, beside what it is found by.
ALTER TABLE communication
  ADD COLUMN variant     TEXT COLLATE "C",
  ADD COLUMN country     TEXT COLLATE "C",
  ADD COLUMN time_zone   TEXT COLLATE "C",
  ADD COLUMN currency    TEXT COLLATE "C",
  ADD COLUMN seconds     BIGINT,
  ADD COLUMN reply_to    BIGINT,
  -- Milliseconds behind what it is the first answer to.
  ADD COLUMN reply_after BIGINT,
  -- Whether it is a text by which somebody wants no more.
  ADD COLUMN opt_out     BOOLEAN NOT NULL DEFAULT false;
CREATE INDEX communication_reply ON communication (reply_to, reply_after, opt_out)
  WHERE reply_to IS NOT NULL AND NOT corrected;

-- Hours of the history, from 1970 on, that have changed since they were counted.
CREATE TABLE changed_hour (
  hour BIGINT PRIMARY KEY
);

-- Counts of contacts: of an hour, a day or a month, by one or by all that they are counted by. The core
-- reads and writes them; nothing is lost with them, for they are counted anew.
CREATE TABLE contact_count (
  span   TEXT COLLATE "C" NOT NULL,
  part   TEXT COLLATE "C" NOT NULL,
  start  BIGINT NOT NULL,
  counts BYTEA NOT NULL,
  PRIMARY KEY (span, part, start)
);
