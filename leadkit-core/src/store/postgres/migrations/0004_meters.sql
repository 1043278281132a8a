-- Numbers that are counted up as messages go out: what is spent of a budget, and when a sender is free
-- again.
CREATE TABLE meter (
  name  TEXT COLLATE "C" PRIMARY KEY,
  value BIGINT NOT NULL
);
