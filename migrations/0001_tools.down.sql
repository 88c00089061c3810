-- Keeps pg_trgm, which other schemas may use.
DROP TABLE tool_history;
DROP TABLE tool_words;
DROP FUNCTION tool_document(tool_registry);
DROP TABLE tool_registry;
DROP FUNCTION tool_before_update();
DROP FUNCTION tool_after_change();
