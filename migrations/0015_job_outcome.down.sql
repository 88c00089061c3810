CREATE OR REPLACE FUNCTION tell_webhooks_of_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' OR NEW.status <> OLD.status THEN
    PERFORM tell_webhooks('export.' || NEW.status, jsonb_build_object(
      'jobId', NEW.id, 'toolId', NEW.tool_id, 'status', NEW.status, 'actor', NEW.actor, 'error', NEW.error));
  END IF;
  RETURN NULL;
END $$;

ALTER TABLE export_jobs DROP COLUMN outcome;
