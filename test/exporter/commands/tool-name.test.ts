import { expect } from 'chai';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { toolName } from '../../../exporter/commands/tool-name.ts';

describe('the name that an export prints', () => {
  let root: string;
  before(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'tool-name-'));
    await mkdir(path.join(root, 'tools/crm'), { recursive: true });
  });
  after(() => rm(root, { recursive: true }));
  const manifest = (text: string): Promise<void> =>
    writeFile(path.join(root, 'tools/crm/manifest.json'), text);

  it("prints the manifest's name", async () => {
    await manifest('{ "name": "Customer Relations" }');
    expect(await toolName(root, 'crm')).to.equal('Customer Relations');
  });

  it('prints the id when the manifest is missing, broken or has no name', async () => {
    expect(await toolName(root, 'none')).to.equal('none');
    for (const text of ['{', 'null', '[]', '{ "name": 5 }', '{ "name": " \\n " }']) {
      await manifest(text);
      expect(await toolName(root, 'crm'), text).to.equal('crm');
    }
  });

  it('strips terminal control sequences from the name', async () => {
    await manifest(JSON.stringify({ name: 'a\u001b[2Jb\r\nc\u202ed' }));
    expect(await toolName(root, 'crm')).to.equal('a [2Jb  c d');
  });
});
