-- How long a step was at work, by the exporter's own monotonic clock. The difference of two times of day is not it:
-- clocks are set meanwhile.
ALTER TABLE export_job_steps ADD COLUMN elapsed_ms integer CHECK (elapsed_ms >= 0);
