import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parseManifest } from '../../contracts/manifest.ts';
import { namesOf } from '../../contracts/naming.ts';
import { layoutOf } from '../../exporter/generate/service/layout.ts';
import { renderService } from '../../exporter/generate/service/render-service.ts';
import { renderPackage } from '../../exporter/generate/web-app/render-web-app.ts';

interface Package {
  readonly allowScripts?: Readonly<Record<string, boolean>>;
  readonly scarfSettings?: { readonly enabled?: boolean };
}

const manifest = parseManifest({ id: 'crm', name: 'CRM' });

describe('an installation of the packages', () => {
  it('runs no script that reports the installation to others', () => {
    const { allowScripts, scarfSettings } = JSON.parse(readFileSync('package.json', 'utf8')) as Package;
    // npm 11 asks allowScripts; the script of the package itself asks scarfSettings under an older npm
    expect(allowScripts).to.have.property('@scarf/scarf', false);
    expect(scarfSettings).to.deep.equal({ enabled: false });
  });

  it('reports nothing in an exported app either', async () => {
    const service = await renderService({
      root: process.cwd(),
      manifest,
      names: namesOf(manifest.id),
      servicePort: 3004,
      commit: 'c'.repeat(40),
      nodeImage: 'node:24-bookworm-slim',
      dependencies: {},
      devDependencies: {},
      installScripts: true,
      migrations: [],
      typeChecks: { strict: true },
      layout: layoutOf({ toolId: manifest.id }),
      hasDatabaseFolder: false,
      hasManifest: false,
      hasTests: { unit: false, integration: false },
    });
    const parts = { imports: {}, dependencies: {}, devDependencies: {}, overrides: {} };
    for (const text of [
      service['package.json'] ?? '',
      await renderPackage({ root: process.cwd(), manifest }, parts),
    ])
      expect((JSON.parse(text) as Package).scarfSettings).to.deep.equal({ enabled: false });
  });
});
