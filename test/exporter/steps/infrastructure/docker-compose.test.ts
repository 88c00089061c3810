import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { load } from 'js-yaml';
import { findCompose } from '../../../../exporter/adapters/compose/compose-command.ts';
import { composeEntryOf } from '../../../../exporter/generate/infrastructure/compose-entry.ts';
import { addComposeEntry } from '../../../../exporter/generate/infrastructure/compose-text.ts';
import { composePlugin, composeProgram, type ComposeVersion } from '../../../support/docker-compose.ts';
import { infrastructureInput } from './facts.ts';

interface Resolved {
  readonly services: Readonly<
    Record<string, { environment?: Readonly<Record<string, string>>; healthcheck?: unknown }>
  >;
}

describe('the compose file, as every compose of this machine reads it', function () {
  this.timeout(600_000);
  let versions: readonly ComposeVersion[];
  let folder: string;

  before(async () => {
    versions = (await Promise.all([composePlugin(), composeProgram()])).filter((v) => v !== null);
    folder = await mkdtemp(path.join(tmpdir(), 'compose-'));
    // Compose 1 requires the build folders to exist
    for (const app of ['api', 'web']) await mkdir(path.join(folder, `apps/crm-${app}`), { recursive: true });
    const base = await readFile('docker-compose.poc.yml', 'utf8');
    const entry = composeEntryOf(
      infrastructureInput(
        { id: 'crm', env: [{ name: 'API_KEY', secret: true }] },
        { replicaPorts: [3005, 3006] },
      ),
    );
    await writeFile(path.join(folder, 'docker-compose.poc.yml'), addComposeEntry(base, 'crm', entry));
  });
  after(() => rm(folder, { recursive: true }));

  const config = async (version: ComposeVersion, env: Record<string, string> = {}): Promise<Resolved> => {
    const [command, args] = version.version.startsWith('1.')
      ? (['docker-compose', []] as const)
      : (['docker', ['compose']] as const);
    const { stdout } = await execa(command, [...args, '-f', 'docker-compose.poc.yml', 'config'], {
      cwd: folder,
      env: { ...version.env, ...env },
    });
    return load(stdout) as Resolved;
  };

  it('accepts an entry of three instances, and lists all of them', async () => {
    expect(versions).to.not.have.length(0);
    for (const version of versions)
      expect(Object.keys((await config(version)).services), version.version).to.include.members([
        'platform',
        'gateway',
        'crm-db',
        'crm-migrate',
        'crm-api',
        'crm-api-2',
        'crm-api-3',
        'crm-web',
      ]);
  });

  it('passes the keys of this platform, of another one or of none to the service', async () => {
    for (const version of versions) {
      const own = (await config(version)).services['crm-api']?.environment;
      expect(own, version.version).to.include({
        PLATFORM_JWKS_URL: 'http://platform:3000/.well-known/jwks.json',
        PLATFORM_ISSUER: 'generator-platform',
        PLATFORM_AUDIENCE: 'tool:crm',
        TOOL_VARIABLES_FILE: '/run/secrets/crm_environment',
      });
      const none = await config(version, {
        PLATFORM_JWKS_URL: '',
        PLATFORM_ISSUER: '',
        PLATFORM_AUDIENCE: '',
      });
      expect(none.services['crm-api']?.environment, version.version).to.include({
        PLATFORM_JWKS_URL: '',
        PLATFORM_ISSUER: '',
      });
    }
  });

  it('uses the compose plugin when it is installed', async () => {
    const found = await findCompose();
    const plugin = versions.find(({ version }) => !version.startsWith('1.'));
    if (plugin !== undefined && Object.keys(plugin.env).length === 0)
      expect(found).to.include({ command: 'docker', version: plugin.version });
    else expect(found).to.include({ command: 'docker-compose' });
  });
});
