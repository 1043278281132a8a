-- Messages and calls: to be sent, sent, and come in. What is looked for stands in columns of its own,
-- all else in the value, as JSON.
CREATE TABLE communication (
  id          BIGINT PRIMARY KEY,
  lead        BIGINT,
  state       TEXT COLLATE "C" NOT NULL,
  -- When the outbox looks at it next.
  due_at      BIGINT,
  campaign    TEXT COLLATE "C",
  key         TEXT COLLATE "C",
  token       TEXT COLLATE "C",
  provider_id TEXT COLLATE "C",
  value       TEXT COLLATE "C" NOT NULL
);
CREATE INDEX communication_due ON communication (state, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX communication_lead ON communication (lead) WHERE lead IS NOT NULL;
CREATE INDEX communication_campaign ON communication (campaign) WHERE campaign IS NOT NULL;
CREATE UNIQUE INDEX communication_key ON communication (key) WHERE key IS NOT NULL;
CREATE INDEX communication_token ON communication (token) WHERE token IS NOT NULL;
CREATE INDEX communication_provider ON communication (provider_id) WHERE provider_id IS NOT NULL;

-- What happened to each; rows are only ever added.
CREATE TABLE communication_event (
  communication BIGINT NOT NULL REFERENCES communication (id),
  seq           BIGINT NOT NULL,
  at            BIGINT NOT NULL,
  state         TEXT COLLATE "C" NOT NULL,
  status        TEXT COLLATE "C",
  what          TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (communication, seq)
);
