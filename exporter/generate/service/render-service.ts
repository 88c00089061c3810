import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { tableNames } from '../../../contracts/declared-tables.ts';
import { ERRORS } from '../../../contracts/errors.ts';
import { TITLED_CODES } from '../../../contracts/host/problem.ts';
import { placeholderOf } from '../../../contracts/placeholder.ts';
import {
  JWKS_PATH,
  SERVICE_TOKEN_SECONDS,
  serviceAudience,
  TOKEN_ALGORITHMS,
  TOKEN_AUDIENCE,
  TOKEN_CLOCK_SKEW_SECONDS,
  TOKEN_ISSUER,
} from '../../../contracts/tokens.ts';
import { formatSource } from '../../../templating/format.ts';
import { render } from '../../../templating/render.ts';
import { sourceOf } from '../../../templating/roots.ts';
import type { AppRequest } from '../app-request.ts';
import type { Overrides } from '../npm/read-npm-project.ts';
import type { ServiceLayout } from './layout.ts';
import { openapiOf } from './openapi.ts';

/** Template below `templates/service/` (without `.ejs`) and path in the service. */
const HOST_FILES: Readonly<Record<string, string>> = {
  'package.json': 'package.json',
  'tsconfig.json': 'tsconfig.json',
  'eslint.config.js': 'eslint.config.js',
  'mocharc.cjs': '.mocharc.cjs',
  gitignore: '.gitignore',
  dockerignore: '.dockerignore',
  Dockerfile: 'Dockerfile',
  'env.example': '.env.example',
  'README.md': 'README.md',
  'src/server.ts': 'src/server.ts',
  'src/config/database.config.ts': 'src/config/database.config.ts',
  'src/middleware/auth.middleware.ts': 'src/middleware/auth.middleware.ts',
  'src/middleware/error.middleware.ts': 'src/middleware/error.middleware.ts',
  'src/host/app.ts': 'src/host/app.ts',
  'src/host/config.ts': 'src/host/config.ts',
  'src/host/create-database.ts': 'src/host/create-database.ts',
  'src/host/health.routes.ts': 'src/host/health.routes.ts',
  'src/host/metrics.ts': 'src/host/metrics.ts',
  'src/host/migrate.ts': 'src/host/migrate.ts',
  'src/host/migrations.ts': 'src/host/migrations.ts',
  'src/host/openapi.ts': 'src/host/openapi.ts',
  'tests/host/support.ts': 'tests/host/support.ts',
  'tests/host/auth.test.ts': 'tests/host/auth.test.ts',
  'tests/host/config.test.ts': 'tests/host/config.test.ts',
  'tests/host/errors.test.ts': 'tests/host/errors.test.ts',
  'tests/host/health.test.ts': 'tests/host/health.test.ts',
  'tests/contract/scratch.sql': 'tests/contract/scratch.sql',
  'tests/contract/replay.test.ts': 'tests/contract/replay.test.ts',
};

/** Code that the monolith runs too: copied byte for byte from the package. */
const SHARED_FILES: Readonly<Record<string, string>> = {
  'registry-api/store/sql-migrations.ts': 'src/host/sql-migrations.ts',
};

/** Repository code that the host code imports. Always carried over. */
export const HOST_CONTRACTS = [
  'contracts/fence.ts',
  'contracts/host/after-switch.ts',
  'contracts/host/database-pool.ts',
  'contracts/host/drain.ts',
  'contracts/host/failure-kind.ts',
  'contracts/host/guard-requests.ts',
  'contracts/host/local-caller.ts',
  'contracts/host/permissions.ts',
  'contracts/host/platform-cookies.ts',
  'contracts/host/problem.ts',
  'contracts/host/request-body.ts',
  'contracts/host/request-id.ts',
  'contracts/host/safe-url.ts',
  'contracts/host/same-site.ts',
  'contracts/http-problem.ts',
  'contracts/networks.ts',
  'contracts/tool-context.ts',
] as const;

export interface ServiceData extends Pick<
  AppRequest,
  'root' | 'manifest' | 'names' | 'servicePort' | 'commit' | 'formatted'
> {
  readonly nodeImage: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  /** Rules of npm's `overrides`; default: none. */
  readonly overrides?: Overrides;
  /** Whether a production dependency runs an install script. */
  readonly installScripts: boolean;
  /** Checks of the compiler that the tool's code passes in its repository. */
  readonly typeChecks: Readonly<Record<string, boolean>>;
  /** Names of the tool's migrations, in order. */
  readonly migrations: readonly string[];
  readonly layout: ServiceLayout;
  readonly hasDatabaseFolder: boolean;
  readonly hasManifest: boolean;
  readonly hasTests: { readonly unit: boolean; readonly integration: boolean };
}

/** Renders the host code around the tool. Returns content by path in the service. */
export async function renderService(data: ServiceData): Promise<Record<string, string>> {
  const { manifest, root } = data;
  const scope = {
    ...data,
    overrides: data.overrides ?? {},
    id: manifest.id,
    name: manifest.name,
    description: manifest.description,
    version: manifest.version,
    owner: manifest.owner,
    env: manifest.env,
    tables: tableNames(manifest.databaseSchema.tables),
    sqlTables: tableNames(manifest.databaseSchema.tables).map(sqlTable),
    endpoints: manifest.endpoints,
    allPermissions: [
      ...new Set([...manifest.permissions, ...manifest.endpoints.flatMap((e) => e.permissions)]),
    ].sort(),
    placeholders: Object.fromEntries(manifest.env.map(({ name }) => [name, placeholderOf(name)])),
    tools: manifest.dependencies,
    openapi: openapiOf(manifest),
    tokens: {
      algorithms: TOKEN_ALGORITHMS,
      issuer: TOKEN_ISSUER,
      audience: serviceAudience(manifest.id),
      platformAudience: TOKEN_AUDIENCE,
      maxAge: SERVICE_TOKEN_SECONDS,
      clockSkew: TOKEN_CLOCK_SKEW_SECONDS,
      jwksPath: JWKS_PATH,
    },
    problems: { typePrefix: 'urn:generator-platform:problem:', titles: TITLES },
    hostCode: HOST_CODE,
    lockKey: lockKey(manifest.id),
    label,
  };
  const rendered = await Promise.all(
    Object.entries(HOST_FILES).map(async ([template, file]) => {
      const text = render(`service/${template}.ejs`, scope, { root });
      return [file, await formatSource(text, file, root, data.formatted)] as const;
    }),
  );
  const shared = await Promise.all(
    Object.entries(SHARED_FILES).map(
      async ([source, file]) => [file, await readFile(sourceOf(root, source), 'utf8')] as const,
    ),
  );
  return Object.fromEntries([...rendered, ...shared]);
}

/** Paths that host code occupies in every service. */
export const HOST_PATHS: ReadonlySet<string> = new Set([
  ...Object.values(HOST_FILES),
  ...Object.values(SHARED_FILES),
  'package-lock.json',
  '.export.json',
  'tests/contract/recorded/calls.json',
]);

/** Generated code, as globs. Carried code is none of it. */
const HOST_CODE = [
  ...Object.values(HOST_FILES).filter((file) => /^src\/(?!host\/).*\.ts$/.test(file)),
  'src/host/**/*.ts',
  'tests/host/**/*.ts',
  'tests/contract/**/*.ts',
];

/** Titles of the codes that a host of tools answers with. */
const TITLES = Object.fromEntries(TITLED_CODES.map((code) => [code, ERRORS[code].message]));

/** `schema.table` or `table`, quoted to preserve the name in SQL. */
function sqlTable(table: string): string {
  const dot = table.indexOf('.');
  const parts = dot < 0 ? [table] : [table.slice(0, dot), table.slice(dot + 1)];
  return parts.map((part) => `"${part.replaceAll('"', '""')}"`).join('.');
}

/** Value of a Dockerfile LABEL, on one line and without expansion. */
function label(text: string): string {
  const oneLine = text.replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, ' '); // eslint-disable-line no-control-regex -- removes them
  return `"${oneLine.replace(/["\\$]/g, '\\$&')}"`;
}

/** A positive 31-bit number derived from the tool's id. */
const lockKey = (id: string): number =>
  createHash('sha256').update(`db:migrate ${id}`).digest().readUInt32BE() >>> 1;
