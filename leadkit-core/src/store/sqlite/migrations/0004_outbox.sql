-- Messages and calls: to be sent, sent, and come in. What is looked for stands in columns of its own,
-- all else in the value, as JSON.
CREATE TABLE communication (
  id          INTEGER PRIMARY KEY,
  lead        INTEGER,
  state       TEXT NOT NULL,
  -- When the outbox looks at it next.
  due_at      INTEGER,
  campaign    TEXT,
  key         TEXT,
  token       TEXT,
  provider_id TEXT,
  value       TEXT NOT NULL
) STRICT;
CREATE INDEX communication_due ON communication (state, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX communication_lead ON communication (lead) WHERE lead IS NOT NULL;
CREATE INDEX communication_campaign ON communication (campaign) WHERE campaign IS NOT NULL;
CREATE UNIQUE INDEX communication_key ON communication (key) WHERE key IS NOT NULL;
CREATE INDEX communication_token ON communication (token) WHERE token IS NOT NULL;
CREATE INDEX communication_provider ON communication (provider_id) WHERE provider_id IS NOT NULL;

-- What happened to each; rows are only ever added.
CREATE TABLE communication_event (
  communication INTEGER NOT NULL REFERENCES communication (id),
  seq           INTEGER NOT NULL,
  at            INTEGER NOT NULL,
  state         TEXT NOT NULL,
  status        TEXT,
  what          TEXT NOT NULL,
  PRIMARY KEY (communication, seq)
) STRICT, WITHOUT ROWID;
