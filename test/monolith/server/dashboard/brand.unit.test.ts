import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { readBrand } from '../../../../monolith/server/dashboard/web/brand.ts';

const SVG = '<svg xmlns="http://www.w3.org/2000/svg"/>';

describe('title and logo of the dashboard', () => {
  let folder: string;
  let root: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'brand-'));
    root = path.join(folder, 'acme-tools');
    mkdirSync(path.join(root, 'shared'), { recursive: true });
    writeFileSync(path.join(root, 'shared/logo.svg'), SVG);
    writeFileSync(path.join(root, 'shared/large.png'), Buffer.alloc(32 * 1024 + 1));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const brandOf = (packageJson: object): ReturnType<typeof readBrand> => {
    writeFileSync(path.join(root, 'package.json'), JSON.stringify(packageJson));
    return readBrand(root);
  };

  it('come from package.json', async () => {
    const { brand, problem } = await brandOf({
      name: 'acme',
      platform: { title: 'Acme <b>tools</b>', logo: 'shared/logo.svg' },
    });
    expect(problem).to.equal(null);
    expect(brand).to.deep.equal({
      title: 'Acme <b>tools</b>',
      logo: `data:image/svg+xml;base64,${Buffer.from(SVG).toString('base64')}`,
    });
  });

  it('are made of the name of the package, and the logo of the platform, where nothing is said', async () => {
    expect((await brandOf({ name: '@acme/team-tools' })).brand).to.deep.equal({
      title: 'Team Tools',
      logo: 'tool-platform.svg',
    });
    expect((await brandOf({ platform: { title: ' ' } })).brand.title).to.equal('Acme Tools');
  });

  for (const [logo, reason] of [
    ['shared/none.svg', 'does not exist'],
    ['../logo.svg', 'is outside the workspace'],
    ['shared/logo.exe', 'must be one of .svg, .png, .webp'],
    ['shared/large.png', 'has more than 32 KiB'],
    [7, 'must be the path of an image'],
  ] as const)
    it(`keep the logo of the platform and say why, for ${JSON.stringify(logo)}`, async () => {
      const { brand, problem } = await brandOf({ name: 'acme', platform: { logo } });
      expect(brand.logo).to.equal('tool-platform.svg');
      expect(problem).to.contain('package.json: platform.logo').and.contain(reason);
    });
});
