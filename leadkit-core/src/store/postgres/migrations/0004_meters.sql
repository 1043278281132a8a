-- Numbers that are counted up as messages go out: what is spent of a budget, and when a sender is free
-- again.
CREATE TABLE meter (
  name  TEXT COLLATE "C" PRIMARY KEY,
  value BIGINT NOT NULL
);

-- The number at the other end: whom a message goes to, or comes from.
ALTER TABLE communication ADD COLUMN address TEXT COLLATE "C";
UPDATE communication SET address =
  CASE value::json ->> 'direction' WHEN 'inbound' THEN value::json ->> 'sender' ELSE value::json ->> 'to' END;
CREATE INDEX communication_address ON communication (address) WHERE address IS NOT NULL;
