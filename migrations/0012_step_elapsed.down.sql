ALTER TABLE export_job_steps DROP COLUMN elapsed_ms;
