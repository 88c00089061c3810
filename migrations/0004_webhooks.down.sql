DROP TRIGGER export_jobs_webhooks ON export_jobs;
DROP FUNCTION tell_webhooks_of_job();
DROP TRIGGER tool_history_webhooks ON tool_history;
DROP FUNCTION tell_webhooks_of_tool();
DROP FUNCTION tell_webhooks(text, jsonb);
DROP TABLE webhook_deliveries;
DROP TABLE webhooks;
