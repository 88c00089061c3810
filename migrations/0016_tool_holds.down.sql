DROP TABLE tool_holds;
