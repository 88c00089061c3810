import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { readText, recoverWrites, writeAll, type FileChange } from '../../generators/write/journal.ts';
import {
  createTool,
  removeRepository,
  scratchRepository,
  SOURCE,
  treeOf,
} from './support/scratch-repository.ts';

const JOURNAL = '.platform/scaffold/journal.json';

/** Half of them replace a file, the others are new. */
function bigWrite(root: string): FileChange[] {
  return Array.from({ length: 150 }, (_, i) => {
    const file = `tools/big/f${i % 7}/file-${i}.txt`;
    return { path: file, before: readText(root, file), after: `new ${i}\n`.repeat(50) };
  });
}

describe('atomic writes', function () {
  let root: string;

  beforeEach(() => {
    root = scratchRepository();
    writeAll(
      root,
      Array.from({ length: 150 }, (_, i) => ({
        path: `tools/big/f${i % 7}/file-${i}.txt`,
        before: null,
        after: `old ${i}\n`,
      })).filter((_, i) => i % 2 === 0),
    );
  });
  afterEach(() => removeRepository(root));

  it('leaves the old files or, after the next run, the new ones, wherever the writer is killed', async () => {
    const old = treeOf(root, 'tools');
    const fresh = Object.fromEntries(bigWrite(root).map((c) => [c.path.slice('tools/'.length), c.after]));
    writeFileSync(path.join(root, 'write.json'), JSON.stringify(bigWrite(root)));
    const script = `
      import { readFileSync } from 'node:fs';
      import { writeAll } from ${JSON.stringify(path.join(SOURCE, 'generators/write/journal.ts'))};
      writeAll(${JSON.stringify(root)}, JSON.parse(readFileSync(${JSON.stringify(path.join(root, 'write.json'))}, 'utf8')));`;
    let half = 0;
    for (const wait of [0, 5, 15, 30]) {
      const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
        stdio: 'ignore',
      });
      const ended = once(child, 'exit');
      while (!existsSync(path.join(root, JOURNAL)) && child.exitCode === null) await sleep(1);
      await sleep(wait);
      child.kill('SIGKILL');
      await ended;
      const left = Object.entries(treeOf(root, 'tools')).filter(([name]) => !name.endsWith('.draft'));
      const isNew = left.filter(([name, text]) => fresh[name] === text).length;
      if (isNew > 0 && isNew < 150) half += 1;
      recoverWrites(root);
      const after = treeOf(root, 'tools');
      expect(after).to.satisfy((tree: object) => same(tree, old) || same(tree, fresh));
      expect(existsSync(path.join(root, JOURNAL))).to.equal(false);
      writeAll(
        root,
        Object.entries(after).map(([name, text]) => ({
          path: `tools/${name}`,
          before: text,
          after: old[name] ?? null,
        })),
      );
      expect(treeOf(root, 'tools')).to.deep.equal(old);
    }
    expect(half, 'kills that hit the middle').to.be.greaterThan(0);
  });

  it('completes the write of a killed create-tool in the next run', async () => {
    const args = ['crm', '--yes', '--no-register'];
    expect((await createTool(root, args)).exitCode).to.equal(0);
    const whole = treeOf(root, 'tools/crm');
    let half = 0;
    for (const wait of [0, 2, 8]) {
      removeRepository(path.join(root, 'tools/crm'));
      const program = path.join(SOURCE, 'generators/bin/create-tool.ts');
      const child = spawn(process.execPath, [program, ...args], { cwd: root, stdio: 'ignore' });
      const ended = once(child, 'exit');
      while (!existsSync(path.join(root, JOURNAL)) && child.exitCode === null) await sleep(1);
      await sleep(wait);
      child.kill('SIGKILL');
      await ended;
      const left = Object.keys(treeOf(root, 'tools/crm')).length;
      if (left < Object.keys(whole).length) half += 1;
      expect((await createTool(root, args)).exitCode).to.equal(0);
      expect(treeOf(root, 'tools/crm')).to.deep.equal(whole);
      expect(existsSync(path.join(root, JOURNAL))).to.equal(false);
    }
    expect(half, 'kills that hit the middle').to.be.greaterThan(0);
  });

  it('keeps files that were edited between the kill and the next run', () => {
    const change = { path: 'tools/big/f0/file-0.txt', before: 'old 0\n', after: 'new\n' };
    mkdirSync(path.join(root, '.platform/scaffold'), { recursive: true });
    writeFileSync(path.join(root, JOURNAL), JSON.stringify({ pid: 2 ** 22 - 1, changes: [change] }));
    writeFileSync(path.join(root, change.path), 'mine\n');
    expect(recoverWrites(root)).to.deep.equal({ completed: [], kept: [change.path] });
    expect(readText(root, change.path)).to.equal('mine\n');
  });

  it('rolls back all files when one cannot be written', () => {
    const old = treeOf(root, 'tools');
    writeFileSync(path.join(root, 'tools/blocked'), 'a file where a folder is needed');
    const changes = [...bigWrite(root), { path: 'tools/blocked/x.txt', before: null, after: 'x' }];
    expect(() => writeAll(root, changes)).to.throw();
    expect(treeOf(root, 'tools')).to.deep.equal({ ...old, blocked: 'a file where a folder is needed' });
    expect(existsSync(path.join(root, JOURNAL))).to.equal(false);
  });

  it('allows one writer at a time, and no path outside the repository', () => {
    mkdirSync(path.join(root, '.platform/scaffold'), { recursive: true });
    writeFileSync(path.join(root, JOURNAL), JSON.stringify({ pid: process.ppid, changes: [] }));
    expect(() => writeAll(root, bigWrite(root))).to.throw(`Process ${process.ppid} is writing`);
    expect(() => recoverWrites(root)).to.throw(`Process ${process.ppid} is writing`);
    for (const file of ['../x', '/etc/x', 'tools/../../x'])
      expect(() => writeAll(root, [{ path: file, before: null, after: 'x' }]), file).to.throw(RangeError);
    chmodSync(path.join(root, JOURNAL), 0o644);
    expect(readFileSync(path.join(root, JOURNAL), 'utf8')).to.contain('pid');
  });
});

const same = (a: object, b: object): boolean =>
  JSON.stringify(Object.entries(a).sort()) === JSON.stringify(Object.entries(b).sort());
