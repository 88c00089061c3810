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
    INSERT INTO tool_words SELECT lexeme FROM unnest(NEW.search) ORDER BY lexeme ON CONFLICT DO NOTHING;
  END IF;
  PERFORM pg_notify('tool_changed', coalesce(NEW.tool_id, OLD.tool_id));
  RETURN NULL;
END $$;

DROP FUNCTION remember_words(tsvector);
