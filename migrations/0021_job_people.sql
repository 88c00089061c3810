-- Who has cancelled an export, and who has rolled it back, from the moment of the request on.
ALTER TABLE export_jobs
  ADD COLUMN cancelled_by text,
  ADD COLUMN rollback_actor text,
  ADD COLUMN rollback_requested_at timestamptz,
  ADD COLUMN rollback_ended_at timestamptz,
  -- why the rollback was refused before it has undone anything
  ADD COLUMN rollback_refusal text;

DROP TRIGGER export_jobs_notify ON export_jobs;
CREATE TRIGGER export_jobs_notify
  AFTER INSERT OR UPDATE OF status, progress, error, cancel_requested_at, rollback_requested_at, rollback_ended_at ON export_jobs
  FOR EACH ROW EXECUTE FUNCTION notify_export_job();
