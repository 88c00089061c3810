import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { findRepositoryRoot } from '../../templating/repository-root.ts';

describe('the repository that a process works in', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'root-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A repository in a folder of this name. */
  const repositoryIn = (name: string): string => {
    const root = path.join(folder, name);
    mkdirSync(path.join(root, 'tools'), { recursive: true });
    writeFileSync(path.join(root, 'package.json'), '{ "name": "generator-platform" }');
    return root;
  };

  it('a repository may have a path with blanks, brackets and signs', () => {
    const root = repositoryIn(`an [odd] {path} (with) $igns, #1 50% 'q' ü?`);
    expect(findRepositoryRoot(path.join(root, 'tools'))).to.equal(root);
  });

  it('refuses a repository below a path in which Node.js resolves no alias, with the reason', () => {
    const root = repositoryIn('any*thing');
    expect(() => findRepositoryRoot(path.join(root, 'tools'))).to.throw(
      /any\*thing: .*#contracts.*Rename the folder/,
    );
  });
});
