-- Exports: who asked for one, how far it is, what it said, and the write-ahead journal that its rollback reads.
-- No foreign key to tool_registry: the history of a tool outlives its registration.

CREATE TABLE export_jobs (
  id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tool_id       text NOT NULL CHECK (tool_id ~ '^[a-z][a-z0-9]*(-[a-z0-9]+)*$' AND length(tool_id) <= 50),
  status        text NOT NULL DEFAULT 'pending' CHECK (status IN
                  ('pending', 'in_progress', 'completed', 'failed', 'rolled_back', 'cancelled', 'interrupted', 'rollback_failed')),
  options       jsonb NOT NULL DEFAULT '{}',
  actor         text NOT NULL DEFAULT '',
  -- {host, pid, user} of the process at work: what the loser of the lock is told
  owner         jsonb,
  -- the frozen plan: what a resumed export goes on with
  plan          jsonb,
  service_port  integer CHECK (service_port BETWEEN 1 AND 65535),
  progress      jsonb,
  error         jsonb,
  -- what the finished export told about itself: addresses, checksums of the copy
  result        jsonb,
  log_seq       integer NOT NULL DEFAULT 0,
  cancel_requested_at timestamptz,
  created_at    timestamptz NOT NULL DEFAULT now(),
  started_at    timestamptz,
  completed_at  timestamptz
);

-- One job at work a tool, whatever the callers do.
CREATE UNIQUE INDEX export_jobs_one_running ON export_jobs (tool_id) WHERE status IN ('pending', 'in_progress');
CREATE INDEX export_jobs_newest ON export_jobs (created_at DESC, id DESC);
CREATE INDEX export_jobs_tool ON export_jobs (tool_id, created_at DESC, id DESC);

CREATE TABLE export_job_steps (
  job_id       uuid NOT NULL REFERENCES export_jobs ON DELETE CASCADE,
  id           text NOT NULL,
  ordinal      integer NOT NULL,
  title        text NOT NULL,
  status       text NOT NULL DEFAULT 'pending' CHECK (status IN
                 ('pending', 'in_progress', 'completed', 'failed', 'skipped', 'rolled_back')),
  started_at   timestamptz,
  completed_at timestamptz,
  PRIMARY KEY (job_id, id)
);

-- seq comes from export_jobs.log_seq under that row's lock: it has no gap and commits in order, so that a reader
-- who has seen n needs only n + 1 and up.
CREATE TABLE export_job_logs (
  job_id  uuid NOT NULL REFERENCES export_jobs ON DELETE CASCADE,
  seq     integer NOT NULL,
  at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  level   text NOT NULL CHECK (level IN ('debug', 'info', 'success', 'warning', 'error')),
  step    text,
  message text NOT NULL,
  PRIMARY KEY (job_id, seq)
);

CREATE TABLE export_journal (
  job_id     uuid NOT NULL REFERENCES export_jobs ON DELETE CASCADE,
  seq        integer NOT NULL,
  state      text NOT NULL DEFAULT 'started' CHECK (state IN ('started', 'done', 'undoing', 'undone')),
  change     jsonb NOT NULL,
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  ended_at   timestamptz,
  undone_at  timestamptz,
  PRIMARY KEY (job_id, seq)
);

-- Where the traffic of a tool that has left goes. The platform's facade and the rollback read it.
CREATE TABLE tool_routes (
  tool_id     text PRIMARY KEY,
  service_url text NOT NULL,
  web_root    text NOT NULL,
  switched_at timestamptz NOT NULL DEFAULT now()
);

-- Listeners get {"jobId": "...", "what": "log" | "job"} and read the rest themselves.
CREATE FUNCTION notify_export_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_NAME = 'export_job_logs' THEN
    PERFORM pg_notify('export_job', json_build_object('jobId', NEW.job_id, 'what', 'log')::text);
  ELSIF TG_TABLE_NAME = 'export_job_steps' THEN
    PERFORM pg_notify('export_job', json_build_object('jobId', NEW.job_id, 'what', 'job')::text);
  ELSE
    PERFORM pg_notify('export_job', json_build_object('jobId', NEW.id, 'what', 'job')::text);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER export_job_logs_notify AFTER INSERT ON export_job_logs
  FOR EACH ROW EXECUTE FUNCTION notify_export_job();
CREATE TRIGGER export_job_steps_notify AFTER UPDATE ON export_job_steps
  FOR EACH ROW EXECUTE FUNCTION notify_export_job();
CREATE TRIGGER export_jobs_notify AFTER INSERT OR UPDATE OF status, progress, error ON export_jobs
  FOR EACH ROW EXECUTE FUNCTION notify_export_job();

CREATE FUNCTION notify_tool_routes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('tool_routes', coalesce(NEW.tool_id, OLD.tool_id));
  RETURN NULL;
END $$;

CREATE TRIGGER tool_routes_notify AFTER INSERT OR UPDATE OR DELETE ON tool_routes
  FOR EACH ROW EXECUTE FUNCTION notify_tool_routes();
