import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';
import { openLab, type CliResult, type Lab } from '../../../support/lab.ts';

describe('the mode of an exported service', () => {
  let lab: Lab;
  before(async () => {
    lab = await openLab();
  });
  after(() => lab.close());

  const dryRun = (mode: string): Promise<CliResult> =>
    lab.run(
      'env',
      `PLATFORM_MODE=${mode}`,
      process.execPath,
      'node_modules/gulp/bin/gulp.js',
      ...['export', '--tool-id=inventory-tracker', '--dry-run', '--runtime=local', '--silent'],
    );

  it('refuses an export that expects tokens to be required when the platform does not require them', async () => {
    const { code, stdout } = await dryRun('production');
    expect(code, stdout).to.equal(3);
    expect(stdout).to.include('the platform in development mode').and.include('PLATFORM_MODE=production');
  });

  it('exports a service in the mode of the platform, whatever the shell of the export says', async () => {
    const development = await dryRun('development');
    expect(development.code, development.stdout).to.equal(0);
    expect(development.stdout).to.include('AUTH_MODE: development');
    const file = path.join(lab.root, '.platform/run/platform.json');
    const run = JSON.parse(await readFile(file, 'utf8')) as { mode: string };
    expect(run.mode).to.equal('development');
    await writeFile(file, JSON.stringify({ ...run, mode: 'production' }));
    expect((await dryRun('development')).stdout).to.include('AUTH_MODE: required');
  });
});
