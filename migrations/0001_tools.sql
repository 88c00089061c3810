-- The tools, every change to them, and the words by which they are found.

CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE TABLE tool_registry (
  tool_id         text PRIMARY KEY
                    CHECK (tool_id ~ '^[a-z][a-z0-9]*(-[a-z0-9]+)*$' AND length(tool_id) <= 50),
  name            text NOT NULL CHECK (name ~ '\S' AND name !~ '[\x01-\x1f\x7f]' AND length(name) <= 100),
  description     text NOT NULL DEFAULT '' CHECK (length(description) <= 1000),
  version         text NOT NULL CHECK (version ~ '^\d+\.\d+\.\d+([-+]|$)' AND length(version) <= 64),
  status          text NOT NULL DEFAULT 'alpha' CHECK (status IN ('alpha', 'beta', 'active', 'deprecated')),
  owner           text NOT NULL DEFAULT '' CHECK (length(owner) <= 100),
  icon            text NOT NULL DEFAULT '' CHECK (icon ~ '^[a-z0-9_]{0,50}$'),
  route           text NOT NULL UNIQUE CHECK (route = '/tools/' || tool_id),
  api_base        text NOT NULL UNIQUE CHECK (api_base = '/api/tools/' || tool_id),
  database_tables text[] NOT NULL DEFAULT '{}',
  endpoints       jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(endpoints) = 'array'),
  permissions     text[] NOT NULL DEFAULT '{}',
  env             jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(env) = 'array'),
  dependencies    text[] NOT NULL DEFAULT '{}' CHECK (NOT tool_id = ANY (dependencies)),
  is_exported     boolean NOT NULL DEFAULT false,
  exported_at     timestamptz,
  service_url     text,
  gateway_url     text,
  web_url         text,
  database_name   text,
  -- the ETag: one up with every change
  revision        integer NOT NULL DEFAULT 1,
  created_at      timestamptz NOT NULL DEFAULT now(),
  updated_at      timestamptz NOT NULL DEFAULT now(),
  search          tsvector GENERATED ALWAYS AS (
                    setweight(to_tsvector('simple', name), 'A') ||
                    setweight(to_tsvector('simple', tool_id), 'B') ||
                    setweight(to_tsvector('simple', description), 'C')) STORED,
  CONSTRAINT tool_registry_export_is_whole CHECK (CASE WHEN is_exported
    THEN num_nonnulls(exported_at, service_url, gateway_url, web_url, database_name) = 5
    ELSE num_nonnulls(exported_at, service_url, gateway_url, web_url, database_name) = 0 END)
);

-- One index an order in which lists are read; tool_id makes each order total.
CREATE INDEX tool_registry_by_name ON tool_registry (lower(name), tool_id);
CREATE INDEX tool_registry_by_status ON tool_registry (status, lower(name), tool_id);
CREATE INDEX tool_registry_by_owner ON tool_registry (owner, lower(name), tool_id);
CREATE INDEX tool_registry_exported ON tool_registry (lower(name), tool_id) WHERE is_exported;
CREATE INDEX tool_registry_by_created ON tool_registry (created_at, tool_id);
CREATE INDEX tool_registry_by_updated ON tool_registry (updated_at, tool_id);
CREATE INDEX tool_registry_dependencies ON tool_registry USING gin (dependencies);
CREATE INDEX tool_registry_search ON tool_registry USING gin (search);

-- Every word that a tool's name, id or description has ever had. A search corrects a mistyped word against this
-- list, which grows with the language and not with the number of tools.
CREATE TABLE tool_words (word text PRIMARY KEY);
CREATE INDEX tool_words_prefix ON tool_words (word text_pattern_ops);
CREATE INDEX tool_words_trigrams ON tool_words USING gin (word gin_trgm_ops);

CREATE TABLE tool_history (
  id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  tool_id text NOT NULL,
  action  text NOT NULL CHECK (action IN ('registered', 'updated', 'exported', 'returned', 'removed')),
  actor   text NOT NULL,
  before  jsonb,
  after   jsonb,
  at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX tool_history_of_tool ON tool_history (tool_id, id DESC);

-- A tool as the API shows it.
CREATE FUNCTION tool_document(t tool_registry) RETURNS jsonb LANGUAGE sql STABLE AS $$
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

-- The rules hold for whoever writes: the API, the exporter, or a person in psql.
CREATE FUNCTION tool_before_update() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  states constant text[] := ARRAY['alpha', 'beta', 'active', 'deprecated'];
BEGIN
  IF NEW.tool_id <> OLD.tool_id THEN
    RAISE EXCEPTION 'a tool keeps its id' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.status <> 'deprecated'
     AND abs(array_position(states, NEW.status) - array_position(states, OLD.status)) > 1 THEN
    RAISE EXCEPTION 'status cannot change from % to %', OLD.status, NEW.status USING ERRCODE = 'PF422';
  END IF;
  NEW.revision := OLD.revision + 1;
  NEW.created_at := OLD.created_at;
  NEW.updated_at := now();
  RETURN NEW;
END $$;

CREATE TRIGGER tool_before_update BEFORE UPDATE ON tool_registry
  FOR EACH ROW EXECUTE FUNCTION tool_before_update();

-- Who: the transaction says so in platform.actor, else the database's user is named.
CREATE FUNCTION tool_after_change() RETURNS trigger LANGUAGE plpgsql AS $$
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
    -- in one order, so that writers who bring the same new words wait for each other and never in a circle
    INSERT INTO tool_words SELECT lexeme FROM unnest(NEW.search) ORDER BY lexeme ON CONFLICT DO NOTHING;
  END IF;
  PERFORM pg_notify('tool_changed', coalesce(NEW.tool_id, OLD.tool_id));
  RETURN NULL;
END $$;

CREATE TRIGGER tool_after_change AFTER INSERT OR UPDATE OR DELETE ON tool_registry
  FOR EACH ROW EXECUTE FUNCTION tool_after_change();
