DROP INDEX export_jobs_newest, export_jobs_tool;
ALTER TABLE export_jobs DROP COLUMN ordinal;
CREATE INDEX export_jobs_newest ON export_jobs (created_at DESC, id DESC);
CREATE INDEX export_jobs_tool ON export_jobs (tool_id, created_at DESC, id DESC);
