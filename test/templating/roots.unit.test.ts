import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import {
  carriedFile,
  findWorkspace,
  OWN_PACKAGE,
  packageOf,
  shellOf,
  webConfigOf,
} from '../../templating/roots.ts';

describe('the workspace that a process works in', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'root-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A folder of this name with a package.json, and a folder of tools. */
  const workspaceIn = (name: string, packageJson: object = { name: 'generator-platform' }): string => {
    const root = path.join(folder, name);
    mkdirSync(path.join(root, 'tools', 'crm'), { recursive: true });
    writeFileSync(path.join(root, 'package.json'), JSON.stringify(packageJson));
    return root;
  };

  it('a workspace may have a path with blanks, brackets and signs', () => {
    const root = workspaceIn(`an [odd] {path} (with) $igns, #1 50% 'q' ü?`);
    expect(findWorkspace(path.join(root, 'tools'))).to.equal(root);
  });

  it('refuses a workspace below a path in which Node.js resolves no alias, with the reason', () => {
    const root = workspaceIn('any*thing');
    expect(() => findWorkspace(path.join(root, 'tools'))).to.throw(
      /any\*thing: .*#contracts.*Rename the folder/,
    );
  });

  for (const field of ['dependencies', 'devDependencies'])
    it(`a folder whose package.json names the platform in its ${field} is a workspace`, () => {
      const root = workspaceIn('acme', { name: 'acme', [field]: { 'generator-platform': '^1.0.0' } });
      expect(findWorkspace(path.join(root, 'tools', 'crm'))).to.equal(root);
    });

  it('a package.json without the platform is passed over, such as that of an exported app', () => {
    const root = workspaceIn('acme', { dependencies: { 'generator-platform': '^1.0.0' } });
    writeFileSync(path.join(root, 'tools', 'crm', 'package.json'), '{ "name": "crm" }');
    expect(findWorkspace(path.join(root, 'tools', 'crm'))).to.equal(root);
  });

  it('outside any workspace it says how to make one', () => {
    expect(() => findWorkspace(folder)).to.throw(
      /is not inside a workspace.*npx generator-platform app my-workspace/,
    );
  });

  it('templates and contracts of a workspace are those of the package, its other files its own', () => {
    const root = workspaceIn('acme', { dependencies: { 'generator-platform': '^1.0.0' } });
    expect(packageOf(root)).to.equal(OWN_PACKAGE);
    expect(carriedFile(root, 'contracts/ids.ts')).to.equal(path.join(OWN_PACKAGE, 'contracts/ids.ts'));
    expect(carriedFile(root, 'shared/money.ts')).to.equal(path.join(root, 'shared/money.ts'));
    expect(shellOf(root)).to.equal('.platform/web');
    expect(webConfigOf(root)).to.equal('tsconfig.web.json');
  });

  it("the platform's own repository is package and workspace", () => {
    const root = workspaceIn('generator-platform');
    expect(packageOf(root)).to.equal(root);
    expect(carriedFile(root, 'contracts/ids.ts')).to.equal(path.join(root, 'contracts/ids.ts'));
    expect(shellOf(root)).to.equal('monolith/web');
    expect(webConfigOf(root)).to.equal('monolith/web/tsconfig.json');
  });
});
