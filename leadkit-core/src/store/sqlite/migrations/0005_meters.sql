-- Numbers that are counted up as messages go out: what is spent of a budget, and when a sender is free
-- again.
CREATE TABLE meter (
  name  TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
