-- What statistics count of a contact, beside what it is found by.
ALTER TABLE communication ADD COLUMN variant TEXT;
ALTER TABLE communication ADD COLUMN country TEXT;
ALTER TABLE communication ADD COLUMN time_zone TEXT;
ALTER TABLE communication ADD COLUMN currency TEXT;
ALTER TABLE communication ADD COLUMN seconds INTEGER;
ALTER TABLE communication ADD COLUMN reply_to INTEGER;
-- Milliseconds behind what it is the first answer to.
ALTER TABLE communication ADD COLUMN reply_after INTEGER;
-- Whether it is a text by which somebody wants no more.
ALTER TABLE communication ADD COLUMN opt_out INTEGER NOT NULL DEFAULT 0;
CREATE INDEX communication_reply ON communication (reply_to, reply_after, opt_out)
  WHERE reply_to IS NOT NULL AND NOT corrected;

-- Hours of the history, from 1970 on, that have changed since they were counted.
CREATE TABLE changed_hour (
  hour INTEGER PRIMARY KEY
) STRICT;

-- Counts of contacts: of an hour, a day or a month, by one or by all that they are counted by. The core
-- reads and writes them; nothing is lost with them, for they are counted anew.
CREATE TABLE contact_count (
  span   TEXT NOT NULL,
  part   TEXT NOT NULL,
  start  INTEGER NOT NULL,
  counts BLOB NOT NULL,
  PRIMARY KEY (span, part, start)
) STRICT;
