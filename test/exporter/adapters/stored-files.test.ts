import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { namesOf } from '../../../contracts/naming.ts';
import { parseToolId } from '../../../contracts/ids.ts';
import { parseSettings } from '../../../contracts/settings.ts';
import { createFilesPort } from '../../../exporter/adapters/files/files.ts';
import { sizeOf, storedFile } from '../../../exporter/core/file-content.ts';
import { createFolder } from '../../../exporter/core/file-tree.ts';
import type { Ports } from '../../../exporter/core/ports.ts';
import { sha256 } from '../../../exporter/core/provenance.ts';

const LARGE = Buffer.alloc(3 * 1024 * 1024, 'video');
const OTHER = Buffer.alloc(2 * 1024 * 1024, 'other');

describe('large files of a tool', () => {
  let root: string;
  let ports: Ports;
  const at = (file: string): string => path.join(root, file);

  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'large-'));
    for (const folder of ['tools/crm', 'apps/crm-api/src']) await mkdir(at(folder), { recursive: true });
    await writeFile(at('tools/crm/intro.mp4'), LARGE);
    await writeFile(at('apps/crm-api/src/intro.mp4'), OTHER);
    const files = createFilesPort(root, at('.platform'));
    ports = {
      root,
      files,
      settings: parseSettings({}),
      report: { log: () => undefined },
    } as unknown as Ports;
  });
  afterEach(() => rm(root, { recursive: true }));

  const operation = createFolder('create-service', {
    plan: () => [],
    done: () => '',
    folderOf: (names) => names.apiFolder,
  });
  async function change() {
    const { apiFolder } = namesOf(parseToolId('crm'));
    const [before, after] = await Promise.all([
      ports.files.readText(`${apiFolder}/src/intro.mp4`),
      ports.files.readText('tools/crm/intro.mp4'),
    ]);
    return {
      step: 'backend',
      kind: 'create-service',
      target: apiFolder,
      before: { files: { 'src/intro.mp4': before ?? '' } },
      after: { files: { 'src/intro.mp4': after ?? '' } },
    } as const;
  }

  it('names large files in the plan with size and checksum, without their content', async () => {
    const content = (await ports.files.readText('tools/crm/intro.mp4')) ?? '';
    expect(content.length).to.be.lessThan(200);
    expect(sizeOf(content)).to.equal(LARGE.length);
    expect(sha256(content)).to.equal(createHash('sha256').update(LARGE).digest('hex'));
    expect(storedFile(content)?.path).to.equal('tools/crm/intro.mp4');
    expect(storedFile((await ports.files.readText('tools/crm/intro.mp4')) ?? '')).to.not.equal(null);
  });

  it('copies large files byte for byte, and restores in a rollback those that it replaced', async () => {
    const made = await change();
    await operation.run(made, ports);
    expect((await readFile(at('apps/crm-api/src/intro.mp4'))).equals(LARGE)).to.equal(true);
    await operation.run(made, ports); // a resumed export repeats it
    await operation.undo(made, ports);
    expect((await readFile(at('apps/crm-api/src/intro.mp4'))).equals(OTHER)).to.equal(true);
    expect(existsSync(at(`.platform/contents/${createHash('sha256').update(OTHER).digest('hex')}`))).to.equal(
      false,
    );
  });

  it('refuses large files that were changed after the plan was made', async () => {
    const made = await change();
    await writeFile(at('tools/crm/intro.mp4'), OTHER);
    const failure = await operation.run(made, ports).catch((error: unknown) => String(error));
    expect(failure).to.include('tools/crm/intro.mp4 was changed or deleted since the plan was made');
    expect((await readFile(at('apps/crm-api/src/intro.mp4'))).equals(OTHER)).to.equal(true);
  });
});
