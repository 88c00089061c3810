-- How the export itself ended, whatever was rolled back since: the status of a failed export and of one that a user
-- has rolled back is the same, rolled_back.
ALTER TABLE export_jobs ADD COLUMN outcome text
  CHECK (outcome IN ('completed', 'failed', 'cancelled', 'interrupted'));

UPDATE export_jobs j SET outcome = CASE
    WHEN j.status IN ('completed', 'failed', 'cancelled', 'interrupted') THEN j.status
    WHEN j.error ->> 'code' = 'cancelled' THEN 'cancelled'
    WHEN j.error IS NOT NULL AND j.error <> 'null' THEN 'failed'
    WHEN EXISTS (SELECT FROM export_job_steps s
                  WHERE s.job_id = j.id AND s.status NOT IN ('completed', 'skipped', 'rolled_back')) THEN 'interrupted'
    ELSE 'completed' END
 WHERE j.status NOT IN ('pending', 'in_progress');

CREATE INDEX export_jobs_outcome ON export_jobs (outcome, ordinal DESC);

CREATE OR REPLACE FUNCTION tell_webhooks_of_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' OR NEW.status <> OLD.status THEN
    PERFORM tell_webhooks('export.' || NEW.status, jsonb_build_object(
      'jobId', NEW.id, 'toolId', NEW.tool_id, 'status', NEW.status, 'actor', NEW.actor, 'error', NEW.error,
      'outcome', CASE WHEN NEW.status NOT IN ('pending', 'in_progress') THEN NEW.outcome END));
  END IF;
  RETURN NULL;
END $$;
