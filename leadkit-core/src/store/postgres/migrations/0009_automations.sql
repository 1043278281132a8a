-- What happens by itself: automations in versions, where each stands, schedules; all as JSON.
CREATE TABLE automation (
  name    TEXT COLLATE "C" NOT NULL,
  version BIGINT NOT NULL,
  value   TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (name, version)
);
CREATE TABLE automation_state (
  name  TEXT COLLATE "C" PRIMARY KEY,
  value TEXT COLLATE "C" NOT NULL
);
CREATE TABLE schedule (
  name  TEXT COLLATE "C" PRIMARY KEY,
  value TEXT COLLATE "C" NOT NULL
);

-- Ways of leads through automations. One key, of whatever sets one off, gives one run.
CREATE TABLE automation_run (
  id         BIGINT PRIMARY KEY,
  automation TEXT COLLATE "C" NOT NULL,
  key        TEXT COLLATE "C" NOT NULL,
  lead       BIGINT NOT NULL,
  state      TEXT COLLATE "C" NOT NULL,
  -- When its next step is done.
  due_at     BIGINT,
  value      TEXT COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX automation_run_key ON automation_run (automation, key);
CREATE INDEX automation_run_due ON automation_run (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX automation_run_lead ON automation_run (lead);
CREATE INDEX automation_run_waits ON automation_run (automation) WHERE state = 'waiting';

-- What happened to messages and was not looked at yet, and what the host is told.
CREATE TABLE automation_signal (
  id    BIGINT PRIMARY KEY,
  value TEXT COLLATE "C" NOT NULL
);
CREATE TABLE host_event (
  id    BIGINT PRIMARY KEY,
  value TEXT COLLATE "C" NOT NULL
);
