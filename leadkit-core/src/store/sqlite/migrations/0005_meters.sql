-- Numbers that are counted up as messages go out: what is spent of a budget, and when a sender is free
-- again.
CREATE TABLE meter (
  name  TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The number at the other end: whom a message goes to, or comes from.
ALTER TABLE communication ADD COLUMN address TEXT;
UPDATE communication SET address =
  CASE json_extract(value, '$.direction') WHEN 'inbound' THEN json_extract(value, '$.sender')
  ELSE json_extract(value, '$.to') END;
CREATE INDEX communication_address ON communication (address) WHERE address IS NOT NULL;
