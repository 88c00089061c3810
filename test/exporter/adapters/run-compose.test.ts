import { expect } from 'chai';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runCompose, startServices } from '../../../exporter/adapters/compose/run-compose.ts';

const TEXT = 'name: mine\nservices:\n  platform:\n    image: x\n';
/** A `docker-compose` of version 1 that keeps the file it is given and finds it valid. */
const WORKS = `case "$*" in
  *version*) echo 1.29.2;;
  *) echo "$@" > "\${0%/*}/args"; echo "$SHADE" > "\${0%/*}/shade"; /bin/cat > "\${0%/*}/given.yml";;
esac`;

describe('compose', () => {
  const searchPath = process.env['PATH'];
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'run-compose-'));
    await mkdir(path.join(folder, 'bin'));
    process.env['PATH'] = path.join(folder, 'bin');
  });
  afterEach(async () => {
    process.env['PATH'] = searchPath;
    await rm(folder, { recursive: true });
  });

  async function install(program: string, script: string): Promise<void> {
    const file = path.join(folder, 'bin', program);
    await writeFile(file, `#!/bin/sh\n${script}\n`);
    await chmod(file, 0o755);
  }

  /** Returns the failure, or `null`. */
  const check = (): Promise<{ code: string; message: string } | null> =>
    runCompose({
      root: folder,
      text: TEXT,
      args: ['config', '--quiet'],
      signal: new AbortController().signal,
    }).then(
      () => null,
      (error: unknown) => error as { code: string; message: string },
    );

  const given = (): Promise<string> => readFile(path.join(folder, 'bin/given.yml'), 'utf8');

  it('gives compose 1 the file without the name, which it does not know', async () => {
    await install('docker', 'exit 1');
    await install('docker-compose', WORKS);
    expect(await check()).to.equal(null);
    expect(await given()).to.equal(TEXT.replace('name: mine\n', ''));
  });

  it('gives the plugin the file as it is, where it is installed', async () => {
    await install('docker', `shift\n${WORKS.replace('1.29.2', '2.26.1')}`);
    await install('docker-compose', 'exit 1');
    expect(await check()).to.equal(null);
    expect(await given()).to.equal(TEXT);
  });

  it('starts services from the file that the labels of their containers then name, in the plugin', async () => {
    const text = 'services:\n  a:\n    image: "x:${SHADE:-red}"\n  b:\n    image: y\n';
    const start = () =>
      startServices({ root: folder, text, services: ['a'], signal: new AbortController().signal });
    const read = (name: string): Promise<string> => readFile(path.join(folder, 'bin', name), 'utf8');
    process.env['SHADE'] = 'blue';
    await install('docker', `shift\n${WORKS.replace('1.29.2', '2.26.1')}`);
    await start();
    expect(await read('args')).to.contain('--file docker-compose.poc.yml up --detach --no-deps --no-build a');
    expect(await read('shade'), 'a variable of this process that the file reads').to.equal('\n');
    await rm(path.join(folder, 'bin/docker'));
    await install('docker-compose', WORKS);
    process.env['PATH'] = `${process.env['PATH']}:/elsewhere`; // versions are kept by PATH
    await start();
    delete process.env['SHADE'];
    expect(await read('args')).to.contain('--file - up');
    expect(await given())
      .to.contain('a:')
      .and.not.contain('b:');
  });

  it('fails with the last lines of a compose that rejects the file', async () => {
    await install(
      'docker-compose',
      WORKS.replace(/echo "\$@".*;;/, 'echo "services.platform is wrong"; exit 1;;'),
    );
    expect(await check())
      .to.include({ code: 'step-failed' })
      .and.have.property('message')
      .that.matches(/^docker-compose config --quiet failed:\nservices.platform is wrong$/);
  });

  it('reports a missing or broken compose as missing', async () => {
    expect(await check()).to.include({ code: 'engine-unavailable' });
    await install('docker-compose', 'echo ModuleNotFoundError; exit 1');
    process.env['PATH'] = `${process.env['PATH']}:/nowhere`; // versions are kept by PATH
    expect(await check()).to.include({ code: 'engine-unavailable' });
  });
});
