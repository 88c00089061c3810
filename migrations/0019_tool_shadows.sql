-- Tools whose GET requests are sent to their new service as well, before it serves: the platform compares the answers.
CREATE TABLE tool_shadows (
  tool_id   text PRIMARY KEY,
  -- Base URL of the service
  instance  text NOT NULL,
  -- JSON pointers of fields that differ by nature
  ignored   jsonb NOT NULL,
  until     timestamptz NOT NULL,
  compared  int NOT NULL DEFAULT 0,
  differing int NOT NULL DEFAULT 0,
  -- Answers that differ from one moment to the next in the monolith itself
  unstable  int NOT NULL DEFAULT 0,
  -- Too large, too many at once, or broken off
  skipped   int NOT NULL DEFAULT 0,
  -- Comparisons that are under way
  open      int NOT NULL DEFAULT 0,
  -- The first differences
  examples  jsonb NOT NULL DEFAULT '[]'
);

CREATE TRIGGER tool_shadows_notify AFTER INSERT OR UPDATE OF until OR DELETE ON tool_shadows
  FOR EACH ROW EXECUTE FUNCTION notify_tool_routes();
