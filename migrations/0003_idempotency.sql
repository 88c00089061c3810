-- What a request with an Idempotency-Key was answered, written in the transaction of its change.
CREATE TABLE idempotency_keys (
  subject    text NOT NULL,
  key        text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
  -- SHA-256 of method, path, If-Match and body
  request    text NOT NULL,
  -- {status, headers, body}
  reply      jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (subject, key)
);
CREATE INDEX idempotency_keys_old ON idempotency_keys (created_at);

-- A tool leaves only when it is at home and nobody is moving it, whoever asks. The two triggers meet on the
-- tool's row: a job that is being written holds it, so a removal sees either the job or no tool.
CREATE FUNCTION tool_before_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.is_exported THEN
    RAISE EXCEPTION 'tool % is exported', OLD.tool_id USING ERRCODE = 'PF409';
  END IF;
  IF EXISTS (SELECT FROM export_jobs WHERE tool_id = OLD.tool_id AND status IN ('pending', 'in_progress')) THEN
    RAISE EXCEPTION 'tool % has a running job', OLD.tool_id USING ERRCODE = 'PF409';
  END IF;
  RETURN OLD;
END $$;

CREATE TRIGGER tool_before_delete BEFORE DELETE ON tool_registry
  FOR EACH ROW EXECUTE FUNCTION tool_before_delete();

CREATE FUNCTION export_job_holds_tool() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM FROM tool_registry WHERE tool_id = NEW.tool_id FOR KEY SHARE;
  RETURN NEW;
END $$;

CREATE TRIGGER export_job_holds_tool BEFORE INSERT ON export_jobs
  FOR EACH ROW EXECUTE FUNCTION export_job_holds_tool();
