import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseProgramFlags } from '../contracts/command-line.ts';
import { openLab, type Lab } from '../test/support/lab.ts';

/**
 * `npm run bench:restarts [-- --tools=60 --restarts=100 --burners=2]`: restarts the platform again and again, in turn by SIGTERM,
 * by SIGKILL, and by SIGKILL while it starts, beside programs that use every processor. After each restart, every tool must answer a query of its table.
 * Prints the times in milliseconds, and ends with exit code 1 when a tool did not answer.
 */
const flags = parseProgramFlags('bench:restarts', process.argv.slice(2), {
  tools: { type: 'number', text: 'number of tools (default: 60)' },
  restarts: { type: 'number', text: 'number of restarts (default: 100)' },
  burners: { type: 'number', text: 'programs that use a processor each (default: one for each processor)' },
});
const { tools = 60, restarts = 100, burners = availableParallelism() } = flags;
const say = (line: string): void => void process.stderr.write(`${line}\n`);

/** Longest wait for the answer of one tool in milliseconds: the starts of all tools queue for the processors. */
const ANSWER_MS = 300_000;

/** A start that is killed lives for up to this long, in milliseconds. */
const STARTING_MS = 8_000;

interface Restart {
  /** From the start of the process until `/readyz` answers 200, and until every tool has answered. */
  readonly readyMs: number;
  readonly allAnsweredMs: number;
  /** Answers other than 200 on the way, as `503 tool-broken: detail`. */
  readonly refusals: readonly string[];
  /** Tools that did not answer. */
  readonly silent: readonly string[];
}

/** A tool with a table, and a module that does work when it is loaded, as tools do. */
async function writeTool(lab: Lab, id: string): Promise<void> {
  const table = `${id.replaceAll('-', '_')}_rows`;
  const files = {
    'manifest.json': JSON.stringify({
      id,
      name: id,
      version: '1.0.0',
      route: `/tools/${id}`,
      databaseSchema: { tables: [table] },
    }),
    'database/migrations/001-rows.sql': `CREATE TABLE ${table} (id int PRIMARY KEY);\nINSERT INTO ${table} VALUES (1);\n`,
    'backend/index.ts': `import { Router } from 'express';
export default ({ db }) => Router().get('/rows', async (_req, res) => void res.json((await db.query('SELECT id FROM ${table}')).rows));
`,
  };
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(lab.root, 'tools', id, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}

async function restart(lab: Lab, ids: readonly string[]): Promise<Restart> {
  const began = performance.now();
  await lab.startPlatform();
  const readyMs = Math.round(performance.now() - began);
  const refusals: string[] = [];
  const answered = await Promise.all(ids.map((id) => untilAnswered(lab, id, refusals)));
  return {
    readyMs,
    allAnsweredMs: Math.round(performance.now() - began),
    refusals,
    silent: ids.filter((_id, i) => answered[i] === false),
  };
}

async function killWhileStarting(lab: Lab): Promise<void> {
  const starting = lab.startPlatform().catch(() => undefined); // it does not become ready
  await delay(Math.random() * STARTING_MS);
  await lab.stopPlatform('SIGKILL');
  await starting;
}

async function untilAnswered(lab: Lab, id: string, refusals: string[]): Promise<boolean> {
  const limit = performance.now() + ANSWER_MS;
  while (performance.now() < limit) {
    const { status, text } = await fetch(`${lab.platformUrl}/api/tools/${id}/rows`, {
      signal: AbortSignal.timeout(ANSWER_MS),
    }).then(
      async (response) => ({ status: response.status, text: await response.text() }),
      (error: unknown) => ({ status: 0, text: String(error) }),
    );
    if (status === 200 && text === '[{"id":1}]') return true;
    refusals.push(`${id}: ${status} ${text}`);
    await delay(1_000);
  }
  return false;
}

const lab = await openLab({ start: false });
const burning = Array.from({ length: burners }, () =>
  spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
);
try {
  const ids = Array.from({ length: tools }, (_, i) => `tool-${i + 1}`);
  await Promise.all(ids.map((id) => writeTool(lab, id)));
  await lab.startPlatform();
  await lab.stopPlatform();
  const results: Restart[] = [];
  for (let i = 1; i <= restarts; i += 1) {
    const result = await restart(lab, ids);
    results.push(result);
    const { readyMs, allAnsweredMs, refusals, silent } = result;
    say(
      `${i}: ready after ${readyMs} ms, all answered after ${allAnsweredMs} ms, ${refusals.length} refusals, ${silent.length} silent`,
    );
    for (const refusal of new Set([...refusals, ...silent])) say(`  ${refusal}`);
    await lab.stopPlatform(i % 3 === 0 ? 'SIGTERM' : 'SIGKILL');
    if (i % 3 === 1) await killWhileStarting(lab);
  }
  const summary = (name: 'readyMs' | 'allAnsweredMs'): object => {
    const times = results.map((result) => result[name]).sort((a, b) => a - b);
    return { median: times[Math.floor(times.length / 2)], longest: times.at(-1) };
  };
  const sum = (count: (result: Restart) => number): number =>
    results.reduce((total, result) => total + count(result), 0);
  const silent = sum((result) => result.silent.length);
  console.log(
    JSON.stringify(
      {
        tools,
        restarts: results.length,
        ready: summary('readyMs'),
        allAnswered: summary('allAnsweredMs'),
        refusals: sum((result) => result.refusals.length),
        silent,
        burners,
        load: loadavg(),
      },
      null,
      2,
    ),
  );
  if (silent > 0) process.exitCode = 1;
} finally {
  for (const child of burning) child.kill('SIGKILL');
  await lab.close();
}
