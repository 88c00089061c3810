import { expect } from 'chai';
import {
  layoutOf,
  servicePath,
  sourcePath,
  type ServiceLayout,
} from '../../../../exporter/generate/service/layout.ts';

const HOST = ['src/server.ts', 'src/config/database.config.ts', 'src/host/app.ts', 'tests/host/auth.test.ts'];
const layout = (own: readonly string[], listed: readonly string[] = []): ServiceLayout =>
  layoutOf({ toolId: 'crm', own, listed, hostFiles: HOST });

describe('the layout of a service', () => {
  it('gives the tool the folders of the service', () => {
    const own = [
      'backend/index.ts',
      'backend/config/config.ts',
      'tests/unit/a.test.ts',
      'database/migrations/1.sql',
    ];
    expect(own.map((file) => servicePath(`tools/crm/${file}`, layout(own)))).to.deep.equal([
      'src/index.ts',
      'src/config/config.ts',
      'tests/unit/a.test.ts',
      'database/migrations/1.sql',
    ]);
    expect(servicePath('tools/crm/manifest.json', layout(own))).to.equal('manifest.json');
    expect(servicePath('tools/crm/frontend/types.ts', layout(own))).to.equal('src/tool/frontend/types.ts');
  });

  it('keeps code of the repository apart from every file of the tool', () => {
    const own = ['backend/shared/format.ts', 'backend/contracts/errors.ts'];
    expect(servicePath('shared/format.ts', layout(own))).to.equal('src/carried/shared/format.ts');
    expect(servicePath('tools/crm/backend/shared/format.ts', layout(own))).to.equal('src/shared/format.ts');
  });

  for (const file of [
    'backend/server.ts',
    'backend/Server.ts',
    'backend/server.ts/index.ts',
    'backend/config/database.config.ts',
    'backend/config',
    'backend/host/x.ts',
    'backend/carried/x.ts',
    'backend/tool/x.ts',
    'tests/host/x.test.ts',
    'tests/contract/x.test.ts',
  ])
    it(`keeps the whole tool below src/tool/ when it has ${file}`, () => {
      const nested = layout(['backend/index.ts', file]);
      expect(nested.nested).to.equal(true);
      expect(servicePath(`tools/crm/${file}`, nested)).to.equal(`src/tool/${file}`);
      expect(servicePath('tools/crm/manifest.json', nested)).to.equal('src/tool/manifest.json');
    });

  it('keeps the whole tool below src/tool/ when it lists a folder that the host has files in', () => {
    for (const folder of ['', 'backend', 'backend/config', 'tests'])
      expect(layout(['backend/index.ts'], [folder]).nested, folder).to.equal(true);
    for (const folder of ['backend/reports', 'database/migrations'])
      expect(layout(['backend/index.ts'], [folder]).nested, folder).to.equal(false);
  });

  it('finds the source of every place', () => {
    for (const own of [[], ['backend/server.ts']])
      for (const file of [
        'tools/crm/backend/a.ts',
        'tools/crm/tests/unit/a.test.ts',
        'tools/crm/frontend/t.ts',
        'shared/x.ts',
      ])
        expect(sourcePath(servicePath(file, layout(own)), layout(own))).to.equal(file);
  });
});
