-- The history of contacts. Its order is the place: the millisecond of each and its turn in it.
ALTER TABLE communication ADD COLUMN place INTEGER;
ALTER TABLE communication ADD COLUMN channel TEXT;
ALTER TABLE communication ADD COLUMN direction TEXT;
ALTER TABLE communication ADD COLUMN owner TEXT;
ALTER TABLE communication ADD COLUMN template TEXT;
-- Millionths of a currency's unit, as billed or else as predicted.
ALTER TABLE communication ADD COLUMN cost INTEGER;
-- Whether another entry puts it right.
ALTER TABLE communication ADD COLUMN corrected INTEGER NOT NULL DEFAULT 0;
-- A hash of the texts that it is found by.
ALTER TABLE communication ADD COLUMN texts INTEGER;
DROP INDEX communication_lead;
CREATE INDEX communication_lead ON communication (lead, place) WHERE lead IS NOT NULL;
CREATE UNIQUE INDEX communication_place ON communication (place);
CREATE INDEX lead_merged ON lead (merged_into) WHERE merged_into IS NOT NULL;

-- The words of each, by its place, as the core reads them: letters and digits, folded, between blanks.
CREATE VIRTUAL TABLE communication_text USING fts5
  (words, content = '', contentless_delete = 1, tokenize = 'ascii');

-- For people's own tools: read only, and its columns stay as they are within a version.
CREATE VIEW contacts_v1 AS SELECT
  id, value ->> '$.at' AS at, lead, channel, value ->> '$.label' AS label, direction, state, address, owner, campaign,
  template, value ->> '$.subject' AS subject, value ->> '$.body' AS body, value ->> '$.outcome' AS outcome,
  cost / 1e6 AS cost, coalesce(value ->> '$.price.currency', value ->> '$.predicted.currency') AS currency,
  value ->> '$.reply_to' AS reply_to, value ->> '$.reply_after' / 1000.0 AS reply_after_seconds, corrected,
  value ->> '$.created_at' AS created_at
FROM communication;
