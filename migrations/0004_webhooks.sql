-- Who wants to be told of changes, and what is still to be told. A delivery is written by a trigger in the
-- transaction of its change: a change that is kept is told, one that is not is not.

CREATE TABLE webhooks (
  id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  url        text NOT NULL CHECK (url ~ '^https?://' AND length(url) <= 2000),
  -- tool.registered, export.completed, ...; '*' is all
  events     text[] NOT NULL CHECK (cardinality(events) BETWEEN 1 AND 50),
  actor      text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE webhook_deliveries (
  id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  webhook_id      uuid NOT NULL REFERENCES webhooks ON DELETE CASCADE,
  event           text NOT NULL,
  payload         jsonb NOT NULL,
  created_at      timestamptz NOT NULL DEFAULT now(),
  attempts        integer NOT NULL DEFAULT 0,
  -- NULL: delivered, or given up
  next_attempt_at timestamptz DEFAULT now(),
  delivered_at    timestamptz,
  last_problem    text
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX webhook_deliveries_of_webhook ON webhook_deliveries (webhook_id, id DESC);

CREATE FUNCTION tell_webhooks(event_name text, event_payload jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO webhook_deliveries (webhook_id, event, payload)
  SELECT id, event_name, event_payload FROM webhooks WHERE events && ARRAY[event_name, '*'];
  IF FOUND THEN
    PERFORM pg_notify('webhook_outbox', '');
  END IF;
END $$;

CREATE FUNCTION tell_webhooks_of_tool() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM tell_webhooks('tool.' || NEW.action, jsonb_build_object(
    'toolId', NEW.tool_id, 'actor', NEW.actor, 'before', NEW.before, 'after', NEW.after));
  RETURN NULL;
END $$;

CREATE TRIGGER tool_history_webhooks AFTER INSERT ON tool_history
  FOR EACH ROW EXECUTE FUNCTION tell_webhooks_of_tool();

CREATE FUNCTION tell_webhooks_of_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' OR NEW.status <> OLD.status THEN
    PERFORM tell_webhooks('export.' || NEW.status, jsonb_build_object(
      'jobId', NEW.id, 'toolId', NEW.tool_id, 'status', NEW.status, 'actor', NEW.actor, 'error', NEW.error));
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER export_jobs_webhooks AFTER INSERT OR UPDATE OF status ON export_jobs
  FOR EACH ROW EXECUTE FUNCTION tell_webhooks_of_job();
