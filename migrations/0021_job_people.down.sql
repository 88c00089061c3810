DROP TRIGGER export_jobs_notify ON export_jobs;
CREATE TRIGGER export_jobs_notify AFTER INSERT OR UPDATE OF status, progress, error ON export_jobs
  FOR EACH ROW EXECUTE FUNCTION notify_export_job();

ALTER TABLE export_jobs
  DROP COLUMN cancelled_by, DROP COLUMN rollback_actor, DROP COLUMN rollback_requested_at, DROP COLUMN rollback_ended_at,
  DROP COLUMN rollback_refusal;
