import { expect } from 'chai';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';
import { listProcesses } from '../../registry-api/processes.ts';
import { openLab, type Lab } from './lab.ts';

export const TOOLS = ['inventory-tracker', 'task-manager'] as const;
export type Tool = (typeof TOOLS)[number];

/** A lab with a second tool beside the living example, scaffolded as a user would. */
export async function openLabWithTwoTools(): Promise<Lab> {
  const lab = await openLab();
  const made = await lab.run('create-tool', 'task-manager', '--yes');
  if (made.code !== 0) throw new Error(`create-tool failed:\n${made.stdout}\n${made.stderr}`);
  await lab.commit('Add a second tool');
  return lab;
}

export interface ToolStatus {
  readonly toolId: string;
  readonly exported: boolean;
  readonly jobStatus: string | null;
  readonly open: number;
}

/** What `gulp status` says of each tool. */
export async function statusOf(lab: Lab): Promise<ReadonlyMap<string, ToolStatus>> {
  const { code, report } = await lab.gulpJson('status');
  expect(code).to.equal(0);
  const { tools } = report.result as { tools: readonly ToolStatus[] };
  return new Map(tools.map((tool) => [tool.toolId, tool]));
}

/** The effects of an export that exist, read from everything but the registry. */
export interface Reality {
  readonly database: boolean;
  readonly roles: boolean;
  readonly folders: boolean;
  readonly process: boolean;
  readonly route: boolean;
  readonly compose: boolean;
  readonly fence: boolean;
  /** Whether the tool answers through the gateway, from the monolith or its service. */
  readonly served: boolean;
}

export async function realityOf(lab: Lab, tool: Tool): Promise<Reality> {
  const name = tool.replaceAll('-', '_');
  const client = new pg.Client({ connectionString: await lab.databaseUrl() });
  await client.connect();
  try {
    const found = async (sql: string, value: string): Promise<boolean> =>
      ((await client.query(sql, [value])).rowCount ?? 0) > 0;
    const apps = await readdir(path.join(lab.root, 'apps')).catch(() => []);
    const compose = await readFile(path.join(lab.root, 'docker-compose.poc.yml'), 'utf8');
    const answer = await fetch(
      `${lab.gatewayUrl}/api/${tool}/${tool === 'inventory-tracker' ? 'items' : 'tasks'}`,
    );
    await answer.arrayBuffer();
    return {
      database: await found('SELECT FROM pg_database WHERE datname = $1', `${name}_db`),
      roles: await found('SELECT FROM pg_roles WHERE rolname = $1', `${name}_app`),
      folders: apps.some((folder) => folder.startsWith(`${tool}-`)),
      process: (await listProcesses()).some((p) => p.command.includes(`${lab.root}/apps/${tool}-api/`)),
      route: await found('SELECT FROM tool_routes WHERE tool_id = $1', tool),
      compose: compose.includes(`${tool}-api:`),
      fence: await found(
        `SELECT FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
          WHERE NOT t.tgisinternal AND p.prosrc LIKE '%PF503%' AND c.relname LIKE $1`,
        tool === 'inventory-tracker' ? 'inventory_%' : 'task_manager_%',
      ),
      served: answer.status === 200,
    };
  } finally {
    await client.end();
  }
}
