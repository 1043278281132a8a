-- The history of contacts. Its order is the place: the millisecond of each and its turn in it.
ALTER TABLE communication
  ADD COLUMN place     BIGINT,
  ADD COLUMN channel   TEXT COLLATE "C",
  ADD COLUMN direction TEXT COLLATE "C",
  ADD COLUMN owner     TEXT COLLATE "C",
  ADD COLUMN template  TEXT COLLATE "C",
  -- Millionths of a currency's unit, as billed or else as predicted.
  ADD COLUMN cost      BIGINT,
  -- Whether another entry puts it right.
  ADD COLUMN corrected BOOLEAN NOT NULL DEFAULT false,
  -- A hash of the texts that it is found by.
  ADD COLUMN texts     BIGINT;
DROP INDEX communication_lead;
CREATE INDEX communication_lead ON communication (lead, place) WHERE lead IS NOT NULL;
CREATE UNIQUE INDEX communication_place ON communication (place);
CREATE INDEX lead_merged ON lead (merged_into) WHERE merged_into IS NOT NULL;

-- The words of each, by its place, as the core reads them: letters and digits, folded.
CREATE TABLE communication_text (
  place BIGINT PRIMARY KEY,
  words TSVECTOR NOT NULL
);
-- What was entered last waits in a list that each search reads: a short one, in kB.
CREATE INDEX communication_words ON communication_text USING gin (words) WITH (gin_pending_list_limit = 128);

-- For people's own tools: read only, and its columns stay as they are within a version.
CREATE VIEW contacts_v1 AS SELECT
  id, value::json ->> 'at' AS at, lead, channel, value::json ->> 'label' AS label, direction, state, address, owner,
  campaign, template, value::json ->> 'subject' AS subject, value::json ->> 'body' AS body,
  value::json ->> 'outcome' AS outcome, cost / 1000000.0 AS cost,
  coalesce(value::json -> 'price' ->> 'currency', value::json -> 'predicted' ->> 'currency') AS currency,
  (value::json ->> 'reply_to')::bigint AS reply_to,
  (value::json ->> 'reply_after')::bigint / 1000.0 AS reply_after_seconds, corrected,
  value::json ->> 'created_at' AS created_at
FROM communication;
