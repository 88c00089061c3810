import type { ClientBase } from 'pg';
import { PlatformError } from '../../../../contracts/errors.ts';
import { FENCE_FUNCTION } from '../../../../contracts/fence.ts';
import { quoteName } from '../../../../registry-api/store/sql.ts';
import type { PlatformStatement } from './migration-statements.ts';

/**
 * Extensions that a migration may create. None of them reads files, runs programs, opens connections or adds an
 * untrusted language. An administrator can create any other one beforehand.
 */
const ALLOWED_EXTENSIONS: readonly string[] = [
  'btree_gin',
  'btree_gist',
  'citext',
  'cube',
  'dict_int',
  'earthdistance',
  'fuzzystrmatch',
  'hstore',
  'intarray',
  'isn',
  'ltree',
  'pg_trgm',
  'pgcrypto',
  'postgis',
  'seg',
  'tablefunc',
  'unaccent',
  'uuid-ossp',
  'vector',
];

export interface RunOptions {
  /** Role that owns the tool's objects. */
  readonly owner: string;
  /** The file, for messages. */
  readonly file: string;
}

/**
 * Runs the statements of a migration that only the platform's user can run. Safe to call twice, because a file that
 * fails later is applied again.
 * @throws PlatformError `step-failed` with file and line.
 */
export async function runPlatformStatements(
  db: ClientBase,
  statements: readonly PlatformStatement[],
  options: RunOptions,
): Promise<void> {
  for (const statement of statements) await RUN[statement.kind](db, statement, options);
}

type Run = (db: ClientBase, statement: PlatformStatement, options: RunOptions) => Promise<void>;

const RUN: Readonly<Record<PlatformStatement['kind'], Run>> = {
  'create-extension': createExtension,
  'create-schema': createSchema,
  // Other tools may use it
  'drop-extension': () => Promise.resolve(),
};

async function createExtension(
  db: ClientBase,
  { name, schema, line }: PlatformStatement,
  { file }: RunOptions,
): Promise<void> {
  if (name === null) return;
  const { rowCount } = await db.query('SELECT 1 FROM pg_extension WHERE extname = $1', [name]);
  if (rowCount !== 0) return;
  if (!ALLOWED_EXTENSIONS.includes(name))
    throw new PlatformError(
      'step-failed',
      `${file}:${line}: a migration may not create the extension ${name}. A database administrator can create it ` +
        `in the platform's database: CREATE EXTENSION ${quoteName(name)}; then start the tool again.`,
    );
  await db
    .query(`CREATE EXTENSION ${quoteName(name)} SCHEMA ${quoteName(schema)} CASCADE`)
    .catch((cause: unknown) => {
      throw new PlatformError(
        'step-failed',
        `${file}:${line}: ${cause instanceof Error ? cause.message : String(cause)}`,
        { cause },
      );
    });
}

async function createSchema(
  db: ClientBase,
  { name, line }: PlatformStatement,
  { owner, file }: RunOptions,
): Promise<void> {
  if (name === null)
    throw new PlatformError(
      'step-failed',
      `${file}:${line}: name the schema, and create its tables by statements of their own, such as ` +
        'CREATE SCHEMA stock; CREATE TABLE stock.items (...);',
    );
  const { rows } = await db.query<{ owner: string }>(
    'SELECT pg_get_userbyid(nspowner) AS owner FROM pg_namespace WHERE nspname = $1',
    [name],
  );
  const present = rows[0]?.owner;
  if (present === undefined && name !== FENCE_FUNCTION)
    await db.query(`CREATE SCHEMA ${quoteName(name)} AUTHORIZATION ${quoteName(owner)}`);
  else if (present !== owner && name !== 'public')
    throw new PlatformError(
      'step-failed',
      `${file}:${line}: the schema ${name} belongs to ${present === undefined ? 'the platform' : `the role ${present}`}. Choose another name.`,
    );
}
