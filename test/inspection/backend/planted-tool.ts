import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseManifest } from '../../../contracts/manifest.ts';
import { namesOf } from '../../../contracts/naming.ts';
import type { Finding } from '../../../contracts/plan.ts';
import type { PackageLock } from '../../../inspection/index.ts';
import { createFilesPort } from '../../../exporter/adapters/files/files.ts';
import { inspectBackend } from '../../../exporter/generate/service/inspect-backend.ts';

/** Contents by path in the repository; other files are those of {@link EXPORTABLE}. */
export type Files = Readonly<Record<string, string>>;

export const TOOL = 'tools/demo';

/** A small exportable tool. */
const EXPORTABLE: Files = {
  [`${TOOL}/backend/index.ts`]: `import { Router } from 'express';
import type { ToolContext } from '#contracts/tool-context';
import { things } from './repositories/things.ts';

export default function createRouter(context: ToolContext): Router {
  const router = Router();
  router.get('/things', context.requirePermission('demo:read'), async (_req, res) => {
    res.json(await things(context.db));
  });
  return router;
}
`,
  [`${TOOL}/backend/repositories/things.ts`]: `import type { Pool } from 'pg';

export const things = async (db: Pool): Promise<unknown[]> => (await db.query('SELECT id FROM things')).rows;
`,
};

const MANIFEST = {
  id: 'demo',
  name: 'Demo',
  version: '1.0.0',
  status: 'alpha',
  route: '/tools/demo',
  databaseSchema: { tables: ['things'] },
  endpoints: [{ method: 'GET', path: '/things' }],
};

/** Inspects a temporary repository with the tool, another tool and shared code. Gives errors and warnings. */
export async function inspect(files: Files, manifest: object = {}): Promise<readonly Finding[]> {
  return (await inspectAll({ files, manifest })).filter(({ severity }) => severity !== 'info');
}

/** As {@link inspect}, with notes. */
export async function inspectAll({
  files,
  manifest = {},
  packages = {},
  gitignore,
}: {
  readonly files: Files;
  readonly manifest?: object;
  /** Entries that are added to package-lock.json, by folder. */
  readonly packages?: PackageLock['packages'];
  /** Makes the folder a git repository. */
  readonly gitignore?: string;
}): Promise<readonly Finding[]> {
  const root = mkdtempSync(path.join(tmpdir(), 'planted-'));
  try {
    const whole = { ...MANIFEST, ...manifest };
    write(root, {
      ...SURROUNDINGS,
      ...EXPORTABLE,
      [`${TOOL}/manifest.json`]: `${JSON.stringify(whole, null, 2)}\n`,
      ...files,
    });
    for (const part of ['contracts', 'package.json', 'tsconfig.json'])
      cpSync(path.resolve(part), path.join(root, part), { recursive: true });
    const lock = JSON.parse(readFileSync('package-lock.json', 'utf8')) as PackageLock;
    const added = { ...lock, packages: { ...lock.packages, ...packages } };
    writeFileSync(path.join(root, 'package-lock.json'), JSON.stringify(added));
    if (gitignore !== undefined) {
      writeFileSync(path.join(root, '.gitignore'), gitignore);
      execFileSync('git', ['init', '--quiet'], { cwd: root });
    }
    const parsed = parseManifest(whole);
    const { findings } = await inspectBackend({
      root,
      files: createFilesPort(root, path.join(root, '.platform')),
      manifest: parsed,
      names: namesOf(parsed.id),
    });
    return findings;
  } finally {
    rmSync(root, { recursive: true });
  }
}

const SURROUNDINGS: Files = {
  'tools/other/backend/index.ts': `export const secret = 1;\nexport interface Secret { readonly secret: number }\n`,
  'shared/money.ts': `import { round } from './round.ts';\nexport const cents = (n: number): number => round(n * 100);\n`,
  'shared/round.ts': `export const round = Math.round;\nexport type Rounded = number;\n`,
};

function write(root: string, files: Files): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  }
}
