-- Words are there to correct typing errors. The whole of a hyphenated id (its parts are words of their own) and plain
-- numbers correct nothing, and would make the list grow with the tools after all.

CREATE FUNCTION remember_words(vector tsvector) RETURNS void LANGUAGE sql AS $$
  -- in one order, so that writers who bring the same new words wait for each other and never in a circle
  INSERT INTO tool_words SELECT lexeme FROM unnest(vector) WHERE lexeme !~ '-' AND lexeme !~ '^[0-9.]+$'
  ORDER BY lexeme ON CONFLICT DO NOTHING
$$;

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

DELETE FROM tool_words WHERE word ~ '-' OR word ~ '^[0-9.]+$';
