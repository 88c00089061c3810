CREATE OR REPLACE FUNCTION tool_document(t tool_registry) RETURNS jsonb LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_object(
    'toolId', t.tool_id, 'name', t.name, 'description', t.description, 'version', t.version, 'status', t.status,
    'owner', t.owner, 'icon', t.icon, 'route', t.route, 'apiBase', t.api_base,
    'databaseSchema', jsonb_build_object('tables', t.database_tables), 'endpoints', t.endpoints,
    'permissions', t.permissions, 'env', t.env, 'dependencies', t.dependencies, 'isExported', t.is_exported,
    'exportedAt', to_char(t.exported_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'serviceUrl', t.service_url, 'gatewayUrl', t.gateway_url, 'webUrl', t.web_url, 'databaseName', t.database_name,
    'createdAt', to_char(t.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'updatedAt', to_char(t.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
$$;

ALTER TABLE tool_registry DROP COLUMN shared_tables;
