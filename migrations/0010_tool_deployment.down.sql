ALTER TABLE tool_routes DROP COLUMN deployment;
