-- What happens by itself: automations in versions, where each stands, schedules; all as JSON.
CREATE TABLE automation (
  name    TEXT NOT NULL,
  version INTEGER NOT NULL,
  value   TEXT NOT NULL,
  PRIMARY KEY (name, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE automation_state (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE schedule (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Ways of leads through automations. One key, of whatever sets one off, gives one run.
CREATE TABLE automation_run (
  id         INTEGER PRIMARY KEY,
  automation TEXT NOT NULL,
  key        TEXT NOT NULL,
  lead       INTEGER NOT NULL,
  state      TEXT NOT NULL,
  -- When its next step is done.
  due_at     INTEGER,
  value      TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX automation_run_key ON automation_run (automation, key);
CREATE INDEX automation_run_due ON automation_run (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX automation_run_lead ON automation_run (lead);
CREATE INDEX automation_run_waits ON automation_run (automation) WHERE state = 'waiting';

-- What happened to messages and was not looked at yet, and what the host is told.
CREATE TABLE automation_signal (
  id    INTEGER PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;
CREATE TABLE host_event (
  id    INTEGER PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;
