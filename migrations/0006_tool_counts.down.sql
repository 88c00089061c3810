DROP INDEX tool_registry_in_status_order;
DROP INDEX tool_registry_by_name_prefix;
DROP TRIGGER tool_after_truncate ON tool_registry;
DROP FUNCTION tool_after_truncate();

CREATE OR REPLACE FUNCTION tool_after_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  actor text := coalesce(nullif(current_setting('platform.actor', true), ''), session_user);
BEGIN
  INSERT INTO tool_history (tool_id, action, actor, before, after) VALUES (
    coalesce(NEW.tool_id, OLD.tool_id),
    CASE WHEN TG_OP = 'INSERT' THEN 'registered' WHEN TG_OP = 'DELETE' THEN 'removed'
         WHEN NEW.is_exported AND NOT OLD.is_exported THEN 'exported'
         WHEN OLD.is_exported AND NOT NEW.is_exported THEN 'returned' ELSE 'updated' END,
    actor,
    CASE WHEN TG_OP <> 'INSERT' THEN tool_document(OLD) END,
    CASE WHEN TG_OP <> 'DELETE' THEN tool_document(NEW) END);
  IF TG_OP <> 'DELETE' THEN
    PERFORM remember_words(NEW.search);
  END IF;
  PERFORM pg_notify('tool_changed', coalesce(NEW.tool_id, OLD.tool_id));
  RETURN NULL;
END $$;

DROP FUNCTION doubt_words(tsvector, tsvector);
DROP FUNCTION count_tool(tool_registry, tool_registry);
DROP TABLE tool_registry_lost_words;
DROP TABLE tool_registry_counts;
