-- The tools that may use a table of this tool, by table: {"stock.items": ["crm"]}.
ALTER TABLE tool_registry ADD COLUMN shared_tables jsonb NOT NULL DEFAULT '{}'
  CHECK (jsonb_typeof(shared_tables) = 'object');

CREATE OR REPLACE FUNCTION tool_document(t tool_registry) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object(
    'toolId', t.tool_id, 'name', t.name, 'description', t.description, 'version', t.version, 'status', t.status,
    'owner', t.owner, 'icon', t.icon, 'route', t.route, 'apiBase', t.api_base,
    'databaseSchema', jsonb_build_object('tables', (
      SELECT coalesce(jsonb_agg(CASE WHEN t.shared_tables ? d.name
               THEN jsonb_build_object('name', d.name, 'sharedWith', t.shared_tables -> d.name)
               ELSE to_jsonb(d.name) END ORDER BY d.place), '[]')
        FROM unnest(t.database_tables) WITH ORDINALITY AS d (name, place))),
    'endpoints', t.endpoints,
    'permissions', t.permissions, 'env', t.env, 'dependencies', t.dependencies, 'isExported', t.is_exported,
    'exportedAt', to_char(t.exported_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'serviceUrl', t.service_url, 'gatewayUrl', t.gateway_url, 'webUrl', t.web_url, 'databaseName', t.database_name,
    'createdAt', to_char(t.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'updatedAt', to_char(t.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
$$;
