-- Tools whose requests wait for the moment in which their writes are switched to another side. The platform holds them,
-- and records since when.
CREATE TABLE tool_holds (
  tool_id text PRIMARY KEY,
  until   timestamptz NOT NULL,
  -- NULL: no platform holds them yet
  held_at timestamptz
);

CREATE TRIGGER tool_holds_notify AFTER INSERT OR UPDATE OF until OR DELETE ON tool_holds
  FOR EACH ROW EXECUTE FUNCTION notify_tool_routes();
