import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Checks } from './checks.ts';
import { expectAnswer, get } from './http.ts';
import type { Stage } from './stage.ts';

/** Checks after any rollback: no effect of the export remains. */
export async function checkClean(stage: Stage, checks: Checks, toolId: string, list: string): Promise<void> {
  await checks.check('git status is clean, and apps/ holds nothing of it', async () => {
    const status = await stage.git('status', '--porcelain');
    if (status !== '') return status;
    const left = [`apps/${toolId}-api`, `apps/${toolId}-web`].filter((f) =>
      existsSync(path.join(stage.root, f)),
    );
    return left.length === 0 || `${left.join(' and ')} still exist`;
  });
  await checks.check('Its database is gone', async () => {
    const name = `${toolId.replaceAll('-', '_')}_db`;
    const rows = await stage.query('SELECT datname FROM pg_database WHERE datname = $1', name);
    return rows.length === 0 || `${name} still exists`;
  });
  await checks.check('No process of it is left', async () => {
    const left = (await stage.processes()).filter((process) => process.includes(`apps/${toolId}-`));
    return left.length === 0 || left.join('\n');
  });
  await checks.check(
    'The registry lists it as a tool of the monolith, and its job is rolled back',
    async () => {
      const { body } = await get(`${stage.platformUrl}/api/tools/${toolId}`);
      const jobs = await get(`${stage.platformUrl}/api/tools/export/jobs?toolId=${toolId}&limit=1`);
      const [job] = (jobs.body?.['data'] ?? []) as { status: string }[];
      if (body?.['isExported'] !== false) return `isExported is ${String(body?.['isExported'])}`;
      return job?.status === 'rolled_back' || `the job is ${String(job?.status)}`;
    },
  );
  await checks.check('The monolith serves it', async () =>
    expectAnswer(await get(`${stage.platformUrl}/api/tools/${toolId}/${list}`), 200),
  );
}
