-- How an exported tool runs: {runtime, image, replicas, commit}. Rows from before have none of it.
ALTER TABLE tool_routes ADD COLUMN deployment jsonb NOT NULL DEFAULT '{}'
  CHECK (jsonb_typeof(deployment) = 'object');
