import pg from 'pg';
import { parseToolId } from '../../../../contracts/ids.ts';
import { namesOf } from '../../../../contracts/naming.ts';
import { createDatabasePort } from '../../../../extraction/index.ts';
import { readDatabaseFacts } from '../../../../exporter/steps/database/read-database-facts.ts';
import type { SecretsPort } from '../../../../exporter/core/ports.ts';
import type { DatabaseRef, SyncBackSpec, ServiceWrites } from '../../../../extraction/api.ts';
import { createDatabase } from '../../../support/postgres.ts';

let count = 0;

/** Equal tables in a source and a service, with the source fenced, as an export leaves them. */
export interface ExportedTables {
  readonly inSource: (sql: string) => Promise<void>;
  readonly inService: (sql: string) => Promise<void>;
  /** The rows of all tables, as one text for the source and one for the service. */
  readonly both: () => Promise<readonly [string, string]>;
  readonly read: () => Promise<ServiceWrites>;
  readonly bringBack: (confirm?: () => Promise<void>) => Promise<ServiceWrites>;
  readonly sourceUrl: string;
  readonly close: () => Promise<void>;
}

export async function exportTables(schema: string, tables: readonly string[]): Promise<ExportedTables> {
  const names = namesOf(parseToolId(`moved-${++count}`));
  const sourceUrl = await createDatabase();
  const secrets = memorySecrets();
  const port = createDatabasePort({ sourceUrl, secrets });
  const source = await connect(sourceUrl);
  await source.query(schema);
  const facts = await readDatabaseFacts({ sourceUrl, tables, names, severIncoming: true });
  const plan = facts.extraction;
  if (plan === null || facts.findings.some((finding) => finding.severity === 'error'))
    throw new Error(JSON.stringify(facts.findings, null, 2));
  const at: DatabaseRef = { server: { kind: 'source' }, database: names.database };
  const quiet = {
    signal: new AbortController().signal,
    report: { log: () => undefined, progress: () => undefined, gate: () => undefined },
  };
  const roles = [names.ownerRole, names.runtimeRole].map((name) => ({
    name,
    login: false,
    secret: null,
    memberOf: [],
    actsAs: null,
  }));
  await port.createRoles(at.server, roles);
  const { encoding, collate, ctype } = facts;
  await port.createDatabase({
    at,
    owner: names.ownerRole,
    encoding,
    collate,
    ctype,
    connect: [names.runtimeRole],
  });
  await port.fenceTables(
    { toolId: 'moved', toolName: 'Moved', takenOverBy: 'moved-api', tables: facts.fenced },
    quiet,
  );
  await port.copyTables(plan, at, quiet);
  const spec: SyncBackSpec = { plan, at, recorded: await port.verifyTables(plan, at, quiet) };
  const serviceUrl = new URL(sourceUrl);
  serviceUrl.pathname = `/${names.database}`;
  const service = await connect(serviceUrl.href);
  const hold = async (client: pg.Client): Promise<string> => {
    const parts: string[] = [];
    for (const { name, compared } of plan.tables) {
      const { rows } = await client.query<{ r: string }>(
        `SELECT ROW(${compared.map((c) => `t.${c}`).join(', ')})::text AS r FROM ONLY ${name} t ORDER BY 1`,
      );
      parts.push(`${name}\n${rows.map((row) => row.r).join('\n')}`);
    }
    return parts.join('\n');
  };
  return {
    sourceUrl,
    inSource: (sql) => source.query(sql).then(() => undefined),
    inService: (sql) => service.query(sql).then(() => undefined),
    both: async () => [await hold(source), await hold(service)],
    read: () => port.readServiceWrites(spec, quiet),
    bringBack: (confirm = () => Promise.resolve()) => port.syncBack(spec, { ...quiet, confirm }),
    async close() {
      await source.end();
      await service.end();
      await port.dropDatabase(at);
      await port.dropRoles(at.server, roles);
    },
  };
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}

function memorySecrets(): SecretsPort {
  const none = (): never => {
    throw new Error('no secret is expected');
  };
  return {
    ensure: none,
    read: none,
    remove: () => Promise.resolve(),
    pathOf: (name) => `/secrets/${name}`,
  };
}
