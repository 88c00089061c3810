import { mkdtemp, readdir, readFile, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { createFormattedTexts } from '../../../exporter/adapters/files/formatted-texts.ts';
import { formatSource } from '../../../templating/format.ts';

const UGLY = 'export  const a = "1"';
const FORMATTED = "export const a = '1';\n";

describe('formatted texts in the build cache', () => {
  let folder: string;
  let root: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'formatted-'));
    root = await mkdtemp(path.join(tmpdir(), 'formatted-root-'));
    await writeFile(path.join(root, '.prettierrc.json'), '{ "singleQuote": true }');
  });
  afterEach(async () => {
    for (const each of [folder, root]) await rm(each, { recursive: true, force: true });
  });

  const format = (text: string, file = 'src/a.ts', from = root): Promise<string> =>
    formatSource(text, file, from, createFormattedTexts(folder));
  const entries = async (): Promise<readonly string[]> =>
    (await readdir(folder)).map((name) => path.join(folder, name));
  /** Replaces every kept text by one that formatting would not write, so that its use shows. */
  async function mark(): Promise<void> {
    const kept = createFormattedTexts(folder);
    for (const file of await entries()) await kept.keep(path.basename(file), 'kept');
  }

  it('formats a text once, for every process that uses the folder', async () => {
    expect(await format(UGLY)).to.equal(FORMATTED);
    await mark();
    expect(await format(UGLY)).to.equal('kept');
  });

  it('formats another text, another file and another configuration anew', async () => {
    await format(UGLY);
    await mark();
    expect(await format(`${UGLY};`)).to.equal(FORMATTED);
    expect(await format('{"a":1}', 'src/a.json')).to.equal('{ "a": 1 }\n');
    expect(await format(UGLY, 'src/b.ts')).to.equal(FORMATTED);
    const other = await mkdtemp(path.join(tmpdir(), 'formatted-root-'));
    await writeFile(path.join(other, '.prettierrc.json'), '{ "semi": false }');
    expect(await format(UGLY, 'src/a.ts', other)).to.equal('export const a = "1"\n');
    await rm(other, { recursive: true });
  });

  it('keeps no text that does not parse', async () => {
    for (let attempt = 1; attempt <= 2; attempt++) {
      const error: unknown = await format('export const = 1').catch((reason: unknown) => reason);
      expect(String(error)).to.match(/^SyntaxError: src\/a\.ts: .*\(1:14\)/);
    }
    expect(await entries()).to.deep.equal([]);
  });

  it('keeps nothing where the configuration names plugins, whose versions are unknown', async () => {
    await writeFile(path.join(root, 'plugin.mjs'), 'export const languages = [];\n');
    await writeFile(path.join(root, '.prettierrc.json'), '{ "plugins": ["./plugin.mjs"] }');
    expect(await format(UGLY)).to.equal('export const a = "1";\n');
    expect(await entries()).to.deep.equal([]);
  });

  it('formats again when a kept text has lost its end, and keeps the result', async () => {
    await format(UGLY);
    const [file = ''] = await entries();
    await truncate(file, 70);
    expect(await format(UGLY)).to.equal(FORMATTED);
    expect(await readFile(file, 'utf8')).to.contain(FORMATTED);
  });

  it('keeps the thousand texts that were used last', async () => {
    await format(UGLY);
    const [used = ''] = await entries();
    const old = Array.from({ length: 1000 }, (_, i) => path.join(folder, `old-${i}`));
    for (const [i, file] of old.entries()) {
      await writeFile(file, '');
      await utimes(file, i, i);
    }
    await format('export const b = 2');
    const left = await entries();
    expect(left).to.have.lengthOf(1000).and.to.include(used);
    expect(old.filter((file) => !left.includes(file))).to.deep.equal(old.slice(0, 2));
  });

  it('formats where nothing can be written', async () => {
    await writeFile(path.join(folder, 'file'), '');
    const kept = createFormattedTexts(path.join(folder, 'file'));
    expect(await formatSource(UGLY, 'src/a.ts', root, kept)).to.equal(FORMATTED);
  });
});
