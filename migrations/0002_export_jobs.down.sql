DROP TABLE tool_routes;
DROP FUNCTION notify_tool_routes();
DROP TABLE export_journal;
DROP TABLE export_job_logs;
DROP TABLE export_job_steps;
DROP TABLE export_jobs;
DROP FUNCTION notify_export_job();
