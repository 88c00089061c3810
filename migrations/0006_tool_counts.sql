-- A list tells how many tools match, and reading a page must not mean counting a hundred thousand rows. The change of
-- a tool is written down here as what it adds and takes away, in its own transaction; no writer waits for another, as
-- they would on a counter. The registry adds the rows up from time to time.
LOCK TABLE tool_registry IN SHARE ROW EXCLUSIVE MODE;

CREATE TABLE tool_registry_counts (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  owner       text NOT NULL,
  status      text NOT NULL,
  is_exported boolean NOT NULL,
  tools       integer NOT NULL
);
INSERT INTO tool_registry_counts (owner, status, is_exported, tools)
SELECT owner, status, is_exported, count(*) FROM tool_registry GROUP BY owner, status, is_exported;

-- A word of which the last tool may have gone. The registry looks, and forgets it for good or not.
CREATE TABLE tool_registry_lost_words (
  id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  word text NOT NULL
);
INSERT INTO tool_registry_lost_words (word) SELECT word FROM tool_words;

CREATE FUNCTION count_tool(old_tool tool_registry, new_tool tool_registry) RETURNS void LANGUAGE sql AS $$
  INSERT INTO tool_registry_counts (owner, status, is_exported, tools)
  SELECT owner, status, is_exported, sum(n) FROM (VALUES
           ((old_tool).owner, (old_tool).status, (old_tool).is_exported, -1),
           ((new_tool).owner, (new_tool).status, (new_tool).is_exported, 1)) AS changed (owner, status, is_exported, n)
   WHERE owner IS NOT NULL
   GROUP BY owner, status, is_exported HAVING sum(n) <> 0
$$;

CREATE FUNCTION doubt_words(before tsvector, after tsvector) RETURNS void LANGUAGE sql AS $$
  INSERT INTO tool_registry_lost_words (word)
  SELECT lexeme FROM unnest(before) WHERE lexeme !~ '-' AND lexeme !~ '^[0-9.]+$'
  EXCEPT SELECT lexeme FROM unnest(after)
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
  PERFORM count_tool(OLD, NEW);
  IF TG_OP <> 'DELETE' THEN
    PERFORM remember_words(NEW.search);
  END IF;
  IF TG_OP <> 'INSERT' THEN
    PERFORM doubt_words(OLD.search, NEW.search);
  END IF;
  PERFORM pg_notify('tool_changed', coalesce(NEW.tool_id, OLD.tool_id));
  RETURN NULL;
END $$;

CREATE FUNCTION tool_after_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM tool_registry_counts;
  INSERT INTO tool_registry_lost_words (word) SELECT word FROM tool_words;
  PERFORM pg_notify('tool_changed', '');
  RETURN NULL;
END $$;

CREATE TRIGGER tool_after_truncate AFTER TRUNCATE ON tool_registry
  FOR EACH STATEMENT EXECUTE FUNCTION tool_after_truncate();

-- A search that many tools match must not miss those whose names begin with it.
CREATE INDEX tool_registry_by_name_prefix ON tool_registry (lower(name) text_pattern_ops);

-- The order by status had none of its own: the one with the name is for lists of one status.
CREATE INDEX tool_registry_in_status_order ON tool_registry (status, tool_id);
