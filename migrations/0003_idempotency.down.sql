DROP TRIGGER export_job_holds_tool ON export_jobs;
DROP FUNCTION export_job_holds_tool();
DROP TRIGGER tool_before_delete ON tool_registry;
DROP FUNCTION tool_before_delete();
DROP TABLE idempotency_keys;
