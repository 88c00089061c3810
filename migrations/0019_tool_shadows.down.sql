DROP TABLE tool_shadows;
