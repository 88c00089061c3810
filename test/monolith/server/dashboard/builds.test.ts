import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import {
  buildFolders,
  currentBuild,
  publishBuild,
  reuseBuild,
} from '../../../../monolith/server/dashboard/web/builds.ts';

describe('kept builds of the dashboard', () => {
  let outDir: string;
  beforeEach(async () => {
    outDir = await mkdtemp(path.join(tmpdir(), 'dashboard-builds-'));
  });
  afterEach(() => rm(outDir, { recursive: true, force: true }));

  async function publish(id: string): Promise<void> {
    const staging = path.join(outDir, '.staging');
    await mkdir(staging, { recursive: true });
    await writeFile(path.join(staging, 'index.html'), `page of ${id}`);
    await publishBuild(outDir, staging, { id, tools: [id], problems: {} });
  }
  const served = async (): Promise<[string | undefined, string]> => [
    (await currentBuild(outDir))?.id,
    await readFile(path.join(outDir, 'current/index.html'), 'utf8'),
  ];

  it('serves an earlier build again when its sources are restored', async () => {
    await publish('before');
    await publish('after');
    expect(await served()).to.deep.equal(['after', 'page of after']);
    expect(await reuseBuild(outDir, 'before')).to.deep.equal({
      id: 'before',
      tools: ['before'],
      problems: {},
    });
    expect(await served()).to.deep.equal(['before', 'page of before']);
    expect(await reuseBuild(outDir, 'unknown')).to.equal(null);
    expect(await served()).to.deep.equal(['before', 'page of before']);
  });

  it('keeps the last three builds, including the served one', async () => {
    for (const id of ['a', 'b', 'c']) await publish(id);
    await reuseBuild(outDir, 'a');
    for (const id of ['d', 'e']) await publish(id);
    const names = (await buildFolders(outDir)).map((folder) => path.basename(folder));
    expect([names[0], ...names.slice(1).sort()]).to.deep.equal(['e', 'a', 'd']);
  });
});
