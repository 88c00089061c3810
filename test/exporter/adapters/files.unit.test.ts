import { expect } from 'chai';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createFilesPort } from '../../../exporter/adapters/files/files.ts';
import { createSecretsPort } from '../../../exporter/adapters/secrets/secrets.ts';

describe('files', () => {
  let root = '';
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'files-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));
  const port = () => createFilesPort(root, path.join(root, '.platform'));

  it('refuses paths outside the repository', async () => {
    for (const file of ['../x', '/etc/passwd', 'a/../../x', '.']) {
      const failure = await port()
        .writeText(file, 'x')
        .then(
          () => null,
          (e: unknown) => e,
        );
      expect(failure, file).to.be.instanceOf(RangeError);
    }
    const failure = await port()
      .writeTree('apps/a', { files: { '../../../x': '' } })
      .then(
        () => null,
        (e: unknown) => e,
      );
    expect(failure).to.be.instanceOf(RangeError);
  });

  it('reaches a state folder outside the repository, and nothing beside it', async () => {
    const state = await mkdtemp(path.join(tmpdir(), 'state-'));
    const files = createFilesPort(root, state);
    await files.writeText(`${state}/run/crm.json`, '{}');
    expect(await files.exists(path.relative(root, `${state}/run/crm.json`))).to.equal(true);
    expect(await files.exists(`${state}-other/x`).catch((e: unknown) => e)).to.be.instanceOf(RangeError);
    await files.writeTree('apps/a', { files: { x: '1' } });
    expect(await files.readText('apps/a/x')).to.equal('1');
    await rm(state, { recursive: true, force: true });
  });

  it('writes a folder of files at once, and removes it completely', async () => {
    await port().writeTree('apps/a', { files: { 'src/x.ts': '1', 'y.ts': '2' } });
    expect(await readFile(path.join(root, 'apps/a/src/x.ts'), 'utf8')).to.equal('1');
    await port().writeTree('apps/a', { files: { 'y.ts': '3' } });
    expect(await port().exists('apps/a/src/x.ts')).to.equal(false);
    await port().removeTree('apps/a');
    await port().removeTree('apps/a');
    expect(await port().exists('apps')).to.equal(false);
  });

  it('keeps the folder of files beside a removed tree', async () => {
    await port().writeTree('apps/a', { files: { x: '1' } });
    await port().writeTree('apps/b', { files: { x: '1' } });
    await port().removeTree('apps/a');
    expect(await port().readText('apps/b/x')).to.equal('1');
  });
});

describe('a secret', () => {
  it('creates a secret once, readable by its owner only, and the same for concurrent callers', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'secrets-'));
    const secrets = createSecretsPort(folder);
    for (let round = 0; round < 30; round++) {
      const requested = Array.from({ length: 8 }, () => secrets.ensure(`app-${round}`));
      const [first, ...others] = await Promise.all(requested);
      expect(first).to.have.length.above(30);
      for (const other of others) expect(other).to.equal(first);
    }
    await secrets.ensure('crm-app');
    expect(await readdir(folder)).to.have.length(31);
    expect((await stat(secrets.pathOf('crm-app'))).mode & 0o777).to.equal(0o600);
    expect(() => secrets.pathOf('../x')).to.throw(RangeError);
    await rm(folder, { recursive: true });
  });
});
