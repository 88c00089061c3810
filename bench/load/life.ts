import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { PhaseRule } from '../../test/support/load/promises.ts';
import { Traffic } from '../../test/support/load/traffic.ts';
import type { CliResult, Lab } from '../../test/support/lab.ts';

export const TOOL = 'inventory-tracker';
/** SKUs of the load begin with it. */
export const PREFIX = 'LOAD';

/** Load in milliseconds before an event, so that requests are in progress when it happens. */
const LEAD_MS = 500;

/** The phases of a tool's life under load. */
export interface Life {
  readonly traffic: Traffic;
  /** Of the phases so far. */
  readonly rules: PhaseRule[];
  /** Runs `event` under load, and keeps the load for a while after it. */
  phase(rule: PhaseRule, event: () => Promise<unknown>): Promise<void>;
}

/** Prepares the tool, a second one, and the load. */
export async function openLife(
  lab: Lab,
  options: { readonly rate: number; readonly seconds: number },
): Promise<Life> {
  const scopes = '--scope=inventory:read,inventory:write,exports:run,tools:write';
  const token = (await lab.run('node', 'monolith/server/bin/token.ts', scopes)).stdout.trim();
  await addPatch(lab);
  await addOtherTool(lab, token);
  await lab.commit('Prepare the tools for the load');
  await reload(lab, TOOL);
  const traffic = new Traffic({
    perSecond: options.rate,
    addresses: {
      platform: `${lab.platformUrl}/api/tools/${TOOL}`,
      gateway: `${lab.gatewayUrl}/api/${TOOL}`,
      'old address': `${lab.gatewayUrl}/api/tools/${TOOL}`,
    },
    headers: { Authorization: `Bearer ${token}` },
    prefix: PREFIX,
    patch: true,
  });
  await traffic.prepare();
  const rules: PhaseRule[] = [];
  return {
    traffic,
    rules,
    async phase(rule, event) {
      process.stderr.write(`${rule.phase} ...\n`);
      rules.push(rule);
      await traffic.stop(); // an event disturbs requests of its own phase only
      traffic.start(rule.phase);
      await delay(LEAD_MS);
      await event();
      await delay(options.seconds * 1_000);
    },
  };
}

/** @throws Error with the output of a command that failed. */
export function succeeded(what: string, { code, stdout, stderr }: CliResult): void {
  if (code !== 0) throw new Error(`${what} failed with exit code ${code}:\n${stdout}\n${stderr}`);
}

/** A change that must not be sent twice, with a method that no proxy repeats. */
async function addPatch(lab: Lab): Promise<void> {
  const route = `  router.patch('/items/:id', write, async (req, res) => {
    const { rows } = await context.db.query<{ reorderLevel: number }>(
      'UPDATE inventory_items SET reorder_level = reorder_level + 1 WHERE id = $1 RETURNING reorder_level AS "reorderLevel"',
      [req.params['id']],
    );
    res.status(rows.length === 0 ? 404 : 200).json(rows[0] ?? {});
  });
`;
  await edit(lab, `tools/${TOOL}/backend/routes/inventory.routes.ts`, (text) =>
    text.replace('  return router;', `${route}  return router;`),
  );
  await edit(lab, `tools/${TOOL}/manifest.json`, (text) => {
    const manifest = JSON.parse(text) as { endpoints: unknown[] };
    manifest.endpoints.push({
      method: 'PATCH',
      path: '/items/:id',
      summary: 'Raise the reorder level by one',
      permissions: ['inventory:write'],
    });
    return `${JSON.stringify(manifest, null, 2)}\n`;
  });
}

async function addOtherTool(lab: Lab, token: string): Promise<void> {
  succeeded('create-tool', await lab.runWith({ PLATFORM_TOKEN: token }, 'create-tool', 'other', '--yes'));
}

/** Changes a comment of the tool and lets the platform load it again. */
export async function editAndReload(lab: Lab, tool: string): Promise<void> {
  await edit(lab, `tools/${tool}/backend/index.ts`, (text) => `${text}// edited\n`);
  await reload(lab, tool);
}

async function edit(lab: Lab, file: string, change: (text: string) => string): Promise<void> {
  const whole = path.join(lab.root, file);
  await writeFile(whole, change(await readFile(whole, 'utf8')));
}

/** As the watch mode does after a saved file. */
async function reload(lab: Lab, tool: string): Promise<void> {
  const client = new pg.Client({ connectionString: await lab.databaseUrl() });
  await client.connect();
  await client.query(`SELECT pg_notify('tool_changed', $1)`, [tool]);
  await client.end();
  await delay(2_000);
}
