import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { readGitState } from '../../../exporter/adapters/git/git.ts';

const exec = promisify(execFile);

describe('the state of git', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'git-state-'));
  });
  afterEach(() => rm(root, { recursive: true }));

  const git = async (...args: string[]): Promise<string> => {
    const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.invalid'];
    return (await exec('git', ['-C', root, ...who, ...args])).stdout.trim();
  };
  const write = async (file: string, text: string): Promise<void> => {
    await mkdir(path.dirname(path.join(root, file)), { recursive: true });
    await writeFile(path.join(root, file), text);
  };
  const commit = async (message: string): Promise<void> => {
    await git('add', '--all');
    await git('commit', '--quiet', '--message', message);
  };

  it('has no commit outside a repository and before the first commit', async () => {
    expect(await readGitState(root)).to.deep.equal({ commit: null, dirty: [] });
    await git('init', '--quiet');
    await write('a.txt', 'one');
    expect(await readGitState(root)).to.deep.equal({ commit: null, dirty: [] });
  });

  it('lists every changed file by its path, however it was changed and whatever its name', async () => {
    await git('init', '--quiet');
    await write('.gitignore', 'ignored.txt\n');
    for (const name of ['kept', 'edited name', 'staged', 'deleted', 'moved'])
      await write(`a/${name}.txt`, name);
    await commit('One');
    const head = await git('rev-parse', 'HEAD');
    expect(await readGitState(root)).to.deep.equal({ commit: head, dirty: [] });
    await write('a/edited name.txt', 'two');
    await write('a/staged.txt', 'two');
    await write('a/new/1 ? "ü"\n.txt', 'two');
    await write('ignored.txt', 'two');
    await rm(path.join(root, 'a/deleted.txt'));
    await rename(path.join(root, 'a/moved.txt'), path.join(root, 'a/there.txt'));
    await git('add', 'a/staged.txt', 'a/moved.txt', 'a/there.txt');
    const { commit: id, dirty } = await readGitState(root);
    expect(id).to.equal(head);
    expect(dirty.toSorted()).to.deep.equal(
      [
        'a/deleted.txt',
        'a/edited name.txt',
        'a/moved.txt',
        'a/new/1 ? "ü"\n.txt',
        'a/staged.txt',
        'a/there.txt',
      ].toSorted(),
    );
  });

  it('lists a file with conflicts', async () => {
    await git('init', '--quiet', '--initial-branch=main');
    await write('in conflict.txt', 'one');
    await commit('One');
    await git('checkout', '--quiet', '-b', 'other');
    await write('in conflict.txt', 'two');
    await commit('Two');
    await git('checkout', '--quiet', 'main');
    await write('in conflict.txt', 'three');
    await commit('Three');
    await git('merge', 'other').catch(() => undefined);
    expect((await readGitState(root)).dirty).to.deep.equal(['in conflict.txt']);
  });
});
