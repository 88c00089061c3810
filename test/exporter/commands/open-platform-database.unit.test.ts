import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { parseSettings } from '../../../contracts/settings.ts';
import { openPlatformDatabase } from '../../../exporter/commands/open-platform-database.ts';

describe('the database of a command', () => {
  let root: string;
  before(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'platform-database-'));
    await mkdir(path.join(root, '.platform/run'), { recursive: true });
  });
  after(() => rm(root, { recursive: true }));

  it('refuses to start a second database beside a platform that runs with one of its own', async () => {
    const run = { pid: process.pid, database: 'db.example:5432/platform' };
    await writeFile(path.join(root, '.platform/run/platform.json'), JSON.stringify(run));
    const refusal = await openPlatformDatabase(
      { root, settings: parseSettings({}) },
      { migrate: false },
    ).catch((error: unknown) => error as Error);
    expect(refusal).to.be.instanceOf(Error).and.include({ code: 'database-unreachable' });
    expect(String(refusal)).to.include('db.example:5432/platform').and.include('Set DATABASE_URL');
  });
});
