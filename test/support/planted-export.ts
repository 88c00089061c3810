import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { parseToolId } from '../../contracts/ids.ts';
import { namesOf } from '../../contracts/naming.ts';
import type { Change, Json } from '../../contracts/plan.ts';
import { createDatabasePort } from '../../extraction/index.ts';
import { readDatabaseFacts } from '../../exporter/steps/database/read-database-facts.ts';
import { createRegistryPort } from '../../exporter/adapters/registry/registry.ts';
import { createSecretsPort } from '../../exporter/adapters/secrets/secrets.ts';
import { operationOf } from './operations.ts';
import type { Ports } from '../../exporter/core/ports.ts';
import { migrate } from '../../registry-api/store/migrate.ts';
import type { Lab } from './lab.ts';

const TOOL = parseToolId('inventory-tracker');

/** The lab's registry and the tool's tables, as the platform makes them when it starts. */
export async function prepareRegistry(lab: Lab): Promise<pg.Client> {
  const url = await lab.databaseUrl();
  await migrate(url, path.join(lab.root, 'migrations'));
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const folder = path.join(lab.root, 'tools/inventory-tracker/database');
  for (const file of ['migrations/001-create-inventory-tables.sql', 'seeds/inventory-seed-data.sql'])
    await client.query(await readFile(path.join(folder, file), 'utf8'));
  await client.query(
    `INSERT INTO tool_registry (tool_id, name, version, route, api_base) VALUES ($1, 'Inventory Tracker', '1.0.0', '/tools/inventory-tracker', '/api/tools/inventory-tracker')`,
    [TOOL],
  );
  return client;
}

/**
 * A completed export's part in the database and the registry, made by the export's own operations and written into its
 * journal; nothing is built and no service runs. Gives the job's id.
 */
export async function plantExport(lab: Lab, client: pg.Client): Promise<string> {
  const names = namesOf(TOOL);
  const sourceUrl = await lab.databaseUrl();
  const secrets = createSecretsPort(path.join(lab.root, '.platform/secrets'));
  const remembered: Record<string, Json> = {};
  const ports = {
    signal: new AbortController().signal,
    report: { log: () => undefined, progress: () => undefined, gate: () => undefined },
    secrets,
    database: createDatabasePort({ sourceUrl, secrets }),
    registry: createRegistryPort(client, 'test'),
    remember: (name: string, value: Json) => (remembered[name] = value),
  } as unknown as Ports;
  const facts = await readDatabaseFacts({
    sourceUrl,
    tables: ['inventory_items', 'inventory_transactions'],
    names,
    severIncoming: false,
  });
  const { extraction: plan, encoding, collate, ctype, fenced } = facts;
  if (plan === null) throw new Error(JSON.stringify(facts.findings));
  const server = { kind: 'source' } as const;
  const at = { server, database: names.database };
  const roles = [names.ownerRole, names.migratorRole, names.runtimeRole].map((name) => ({
    name,
    login: false,
    secret: null,
    memberOf: [],
    actsAs: null,
  }));
  const change = (step: Change['step'], kind: string, target: string, after: Json): Change => ({
    step,
    kind,
    target,
    before: null,
    after,
  });
  const service = 'http://127.0.0.1:9';
  const changes = [
    change('database', 'create-roles', roles.map((role) => role.name).join(', '), { server, roles }),
    change('database', 'create-database', names.database, {
      at,
      owner: names.ownerRole,
      encoding,
      collate,
      ctype,
      connect: [names.runtimeRole],
    }),
    change('database', 'fence-tables', fenced.join(', '), {
      toolId: TOOL,
      toolName: 'Inventory Tracker',
      takenOverBy: names.api,
      tables: fenced,
    }),
    change('database', 'copy-tables', names.database, { into: at, plan, rows: 0, tables: 2 }),
    change('database', 'verify', names.database, { at, plan }),
    change('infrastructure', 'switch-route', TOOL, { serviceUrl: service, webRoot: 'apps' }),
    change('infrastructure', 'record-export', TOOL, {
      name: 'Inventory Tracker',
      serviceUrl: service,
      gatewayUrl: service,
      webUrl: service,
      databaseName: names.database,
    }),
  ];
  const jobId = randomUUID();
  await client.query(
    `INSERT INTO export_jobs (id, tool_id, status, started_at, completed_at) VALUES ($1, $2, 'completed', now(), now())`,
    [jobId, TOOL],
  );
  for (const [index, one] of changes.entries()) {
    await operationOf(one).run(one, ports);
    await client.query(
      `INSERT INTO export_journal (job_id, seq, state, change) VALUES ($1, $2, 'done', $3)`,
      [jobId, index + 1, JSON.stringify(one)],
    );
  }
  await client.query('UPDATE export_jobs SET result = $2 WHERE id = $1', [jobId, JSON.stringify(remembered)]);
  return jobId;
}
