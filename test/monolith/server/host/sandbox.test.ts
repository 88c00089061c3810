import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import {
  forbiddenLinks,
  prefixesWithout,
  sandboxFlags,
} from '../../../../monolith/server/host/process/sandbox.ts';

describe('the permissions of a tool’s process', () => {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'sandbox-')));
  const write = (file: string): void => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), 'text');
  };
  const readable = (files: readonly string[], stateDir: string): readonly string[] => {
    const temporary = path.join(root, stateDir, 'tmp/crm');
    const flags = sandboxFlags({ root, stateDir: path.join(root, stateDir), toolId: 'crm', temporary });
    const script = `const { readFileSync } = require('fs');
      const can = (file) => { try { readFileSync(file); return true; } catch { return false; } };
      console.log(JSON.stringify(${JSON.stringify(files)}.filter((file) => can(${JSON.stringify(root)} + '/' + file))))`;
    const { stdout, stderr } = spawnSync(process.execPath, [...flags, '-e', script], { encoding: 'utf8' });
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout) as string[];
  };
  after(() => rmSync(root, { recursive: true }));

  it('keeps the platform’s state from a package that links to the repository', () => {
    for (const file of ['.platform/secrets/key', 'node_modules/express/a.js', 'node_modules/generator/a.js'])
      write(file);
    for (const file of ['packages/util/a.js', 'tools/crm/a.ts', 'tools/other/a.ts', 'shared/a.ts', '.env'])
      write(file);
    mkdirSync(path.join(root, '.platform/tmp/crm'), { recursive: true });
    symlinkSync('..', path.join(root, 'node_modules/generator-platform'));
    symlinkSync('../packages/util', path.join(root, 'node_modules/util'));
    symlinkSync('.', path.join(root, 'self'));
    const allowed = ['node_modules/express/a.js', 'node_modules/generator/a.js', 'node_modules/util/a.js'];
    const own = ['tools/crm/a.ts', 'shared/a.ts', 'packages/util/a.js'];
    const refused = [
      '.platform/secrets/key',
      'node_modules/generator-platform/.platform/secrets/key',
      'self/.platform/secrets/key',
      'tools/other/a.ts',
      '.env',
    ];
    expect(readable([...allowed, ...own, ...refused], '.platform')).to.deep.equal([...allowed, ...own]);
  });

  it('keeps a state folder with another name, or inside a folder of the repository, from tools', () => {
    for (const file of ['state/secrets/key', 'var/data/secrets/key']) write(file);
    expect(readable(['state/secrets/key', 'shared/a.ts'], 'state')).to.deep.equal(['shared/a.ts']);
    expect(readable(['var/data/secrets/key', 'shared/a.ts'], 'var/data')).to.deep.equal(['shared/a.ts']);
  });

  it('allows a link in the tool’s folder only to files that the tool may read', async () => {
    for (const file of ['shared/b.ts', 'tools/linked/own.ts']) write(file);
    const links = {
      secret: '../../.platform/secrets/key',
      passwd: '/etc/passwd',
      other: '../other/a.ts',
      root: '../..',
      shared: '../../shared',
      own: './own.ts',
      loop: '.',
    };
    for (const [name, target] of Object.entries(links))
      symlinkSync(target, path.join(root, 'tools/linked', name));
    const stateDir = path.join(root, '.platform');
    expect(await forbiddenLinks({ root, stateDir, toolId: 'linked' })).to.deep.equal([
      'other',
      'passwd',
      'root',
      'secret',
    ]);
  });

  it('permits every package but the excluded ones, by prefix', () => {
    const names = ['a', 'ab', 'abc', 'b', 'generator', 'generator-platform', 'generator-platform-x', 'gulp'];
    const patterns = prefixesWithout(names, new Set(['generator-platform', 'ab']));
    const matches = (name: string): boolean =>
      patterns.some((pattern) =>
        pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
      );
    expect(names.filter((name) => !matches(name))).to.deep.equal(['ab', 'generator-platform']);
    expect(prefixesWithout(names, new Set())).to.deep.equal(['*']);
  });
});
