import { expect } from 'chai';
import { Project, SyntaxKind, ts } from 'ts-morph';
import { parseManifest } from '../../../../contracts/manifest.ts';
import { namesOf } from '../../../../contracts/naming.ts';
import { layoutOf } from '../../../../exporter/generate/service/layout.ts';
import { renderService } from '../../../../exporter/generate/service/render-service.ts';

const HOSTILE = '"`${process.exit()}`\' */ <%= 1 %> --> <script>|`x`</script> \\ ; $(id) été 日本';

/** Character sequences that could break generated files. */
const hostile = {
  id: 'hostile',
  name: HOSTILE,
  description: `${HOSTILE}\nRUN rm -rf /\n# ${HOSTILE}\u2028\u202e`,
  version: '1.0.0',
  status: 'alpha',
  route: '/tools/hostile',
  owner: HOSTILE,
  databaseSchema: { tables: ['a"b', "sch'ema.ta`ble${x}"] },
  endpoints: [
    { method: 'GET', path: '/things/:id', summary: `${HOSTILE}\n## x`, permissions: ['a:b'] },
    { method: 'POST', path: '/things', summary: '' },
  ],
  permissions: ['a:b'],
  env: [{ name: 'API_KEY', required: true, secret: true, description: `x\nEVIL=1 ${HOSTILE}` }],
};
const minimal = { id: 'tiny', name: 'T', version: '0.0.1', status: 'alpha', route: '/tools/tiny' };

async function renderedOf(input: object): Promise<Record<string, string>> {
  const manifest = parseManifest(input);
  return renderService({
    root: process.cwd(),
    manifest,
    names: namesOf(manifest.id),
    servicePort: 3004,
    commit: 'c'.repeat(40),
    nodeImage: 'node:24-bookworm-slim',
    dependencies: { express: '5.3.0' },
    devDependencies: {},
    installScripts: false,
    migrations: ["001-o'clock.sql"],
    typeChecks: { strict: true },
    layout: layoutOf({ toolId: manifest.id }),
    hasDatabaseFolder: true,
    hasManifest: true,
    hasTests: { unit: true, integration: true },
  });
}

describe('the host code of an exported service', () => {
  for (const [what, manifest] of Object.entries({ minimal, hostile }))
    it(`is well-formed for a ${what} manifest`, async () => {
      for (const [file, text] of Object.entries(await renderedOf(manifest))) {
        if (file.endsWith('.json')) JSON.parse(text);
        if (!/\.[jt]s$/.test(file)) continue;
        const { diagnostics = [] } = ts.transpileModule(text, { reportDiagnostics: true, fileName: file });
        expect(
          diagnostics.map((d) => `${file}: ${ts.flattenDiagnosticMessageText(d.messageText, ' ')}`),
        ).to.deep.equal([]);
      }
    });

  it('renders a hostile name as a value and never as code', async () => {
    const files = await renderedOf(hostile);
    const source = new Project({ useInMemoryFileSystem: true }).createSourceFile(
      'config.ts',
      files['src/host/config.ts'] ?? '',
    );
    const literals = source.getDescendantsOfKind(SyntaxKind.StringLiteral).map((l) => l.getLiteralText());
    expect(literals).to.include(HOSTILE);
    expect((JSON.parse(files['package.json'] ?? '') as { description: string }).description).to.equal(
      hostile.description,
    );
  });

  it('keeps manifest texts from becoming Dockerfile instructions or .env variables', async () => {
    const { Dockerfile = '', '.env.example': env = '' } = await renderedOf(hostile);
    const instructions = Dockerfile.replaceAll('\\\n', '')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.trim().split(' ', 1)[0]);
    const known = [
      'ARG',
      'FROM',
      'WORKDIR',
      'COPY',
      'RUN',
      'LABEL',
      'ENV',
      'USER',
      'EXPOSE',
      'HEALTHCHECK',
      'CMD',
    ];
    expect(instructions.filter((word) => !known.includes(word ?? ''))).to.deep.equal([]);
    expect(Dockerfile).not.to.match(/^RUN rm/m);
    expect(Dockerfile)
      .to.match(/^USER \d+:\d+$/m)
      .and.to.match(/^CMD \["node",/m);
    expect(Dockerfile).not.to.match(/(?<!\\)\$\{process/);
    const variables = env.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(variables.map((line) => line.split('=', 1)[0])).to.deep.equal([
      'PORT',
      'HOST',
      'DATABASE_URL',
      'AUTH_MODE',
      'PLATFORM_SERVICE_URL',
      'LOG_LEVEL',
      'API_KEY',
    ]);
  });

  it('keeps manifest texts from becoming headings or tags of the README', async () => {
    const { 'README.md': readme = '' } = await renderedOf(hostile);
    expect(readme).not.to.match(/(?<!\\)<script/);
    expect(readme.split('\n').filter((line) => line.startsWith('## '))).to.deep.equal([
      '## Overview',
      '## Setup',
      '## Commands',
      '## Configuration',
      '## API Endpoints',
      '## Docker',
      '## Troubleshooting',
    ]);
    for (const text of [
      '### GET /api/hostile/things/:id',
      '**Service Port:** 3004',
      '`hostile_db`',
      'API_KEY',
    ])
      expect(readme).to.include(text);
  });

  it('documents in the README only commands and variables that exist', async () => {
    const files = await renderedOf(minimal);
    const readme = files['README.md'] ?? '';
    const { scripts } = JSON.parse(files['package.json'] ?? '') as { scripts: Record<string, string> };
    const commands = [...readme.matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name);
    expect(commands.filter((name) => !(name in scripts))).to.deep.equal([]);
    expect(Object.keys(scripts).filter((name) => !readme.includes(name))).to.deep.equal([]);
    const code = Object.entries(files)
      .filter(([file]) => file.startsWith('src/'))
      .map(([, text]) => text)
      .join('\n');
    const variables = [...readme.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, name = '']) => name);
    expect(variables.filter((name) => !code.includes(`'${name}'`))).to.deep.equal([]);
  });
});
