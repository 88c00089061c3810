import { expect } from 'chai';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createBuildsPort } from '../../../exporter/adapters/files/kept-builds.ts';

const SPEC = { folder: 'apps/crm', output: { folder: 'apps/crm/dist', needed: 'out.txt' }, recipe: 'tsc' };

describe('kept builds', () => {
  let root: string;
  let built: number;
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'kept-builds-'));
    await mkdir(path.join(root, 'apps/crm/src'), { recursive: true });
    await writeFile(path.join(root, 'apps/crm/src/a.txt'), 'one');
    await writeFile(path.join(root, 'package-lock.json'), '{}');
    built = 0;
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const at = (file: string): string => path.join(root, file);

  /** Builds `out.txt` from `a.txt`. */
  async function once(spec: typeof SPEC = SPEC, fail = false): Promise<'built' | 'kept'> {
    const builds = createBuildsPort({ root, kept: at('kept'), scratch: at('tmp') });
    return builds.once(spec, async () => {
      built += 1;
      await mkdir(at('apps/crm/dist'), { recursive: true });
      await writeFile(
        at('apps/crm/dist/out.txt'),
        `built from ${await readFile(at('apps/crm/src/a.txt'), 'utf8')}`,
      );
      if (fail) throw new Error('the build failed');
    });
  }

  it('restores a kept build for the same source, byte for byte', async () => {
    expect(await once()).to.equal('built');
    await rm(at('apps/crm/dist'), { recursive: true });
    expect(await once()).to.equal('kept');
    expect(await readFile(at('apps/crm/dist/out.txt'), 'utf8')).to.equal('built from one');
    expect(built).to.equal(1);
  });

  it('replaces existing output with the kept build', async () => {
    await once();
    await writeFile(at('apps/crm/dist/stray.txt'), 'by hand');
    await once();
    expect(await readdir(at('apps/crm/dist'))).to.deep.equal(['out.txt']);
  });

  it('ignores a kept build of another source, file name, lock file or recipe', async () => {
    await once();
    await writeFile(at('apps/crm/src/a.txt'), 'two');
    expect(await once()).to.equal('built');
    await writeFile(at('apps/crm/src/b.txt'), '');
    expect(await once()).to.equal('built');
    await writeFile(at('package-lock.json'), '{"lockfileVersion":3}');
    expect(await once()).to.equal('built');
    expect(await once({ ...SPEC, recipe: 'tsc --strict' })).to.equal('built');
    expect(built).to.equal(5);
  });

  it('reuses a kept build whatever commit its source came from', async () => {
    await once();
    await writeFile(at('apps/crm/.export.json'), '{"commit":"4711"}');
    expect(await once()).to.equal('kept');
    await writeFile(at('apps/crm/src/README.md'), 'below the folder it is a file like any other');
    expect(await once()).to.equal('built');
  });

  it('does not keep a failed build', async () => {
    const failed = await once(SPEC, true).catch((error: unknown) => (error as Error).message);
    expect(failed).to.equal('the build failed');
    expect(await once()).to.equal('built');
  });

  it('ignores a kept build without its main file', async () => {
    await once();
    for (const entry of await readdir(at('kept'))) await rm(at(`kept/${entry}/out.txt`));
    expect(await once()).to.equal('built');
  });

  it('removes the least recently used builds above the limit', async () => {
    await once();
    for (let i = 0; i < 45; i += 1) {
      await writeFile(at('apps/crm/src/a.txt'), `variant ${i}`);
      await once();
      if (i === 20) {
        await writeFile(at('apps/crm/src/a.txt'), 'one');
        expect(await once()).to.equal('kept');
      }
    }
    expect(await readdir(at('kept'))).to.have.length(40);
    await writeFile(at('apps/crm/src/a.txt'), 'one');
    expect(await once()).to.equal('kept');
  });

  it('completes an export whose build cannot be kept', async () => {
    await writeFile(at('kept'), 'a file where the folder should be');
    expect(await once()).to.equal('built');
    expect(await once()).to.equal('built');
    expect(await readFile(at('apps/crm/dist/out.txt'), 'utf8')).to.equal('built from one');
  });
});
