import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readFile, rename, rm, rmdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { PlatformError } from '../../contracts/errors.ts';
import type { Fingerprint, WorkOptions } from '../api.ts';
import type { ArchiveManifest, ArchiveSpec } from './archive-api.ts';
import type { ExtractionPlan } from '../plan/plan.ts';
import { addChecksums, type Checksum } from '../run/checksum.ts';
import { sourceOf } from '../run/copy.ts';
import { createDatabase, dropDatabase } from '../run/create-database.ts';
import { readSequence, type SequenceState } from '../run/sequences.ts';
import { messageOf, openSession, type Session } from '../run/session.ts';
import { openSnapshot } from '../run/snapshot.ts';
import { setSourceSettings } from '../run/source-settings.ts';
import { checksumTables, groupTables, isEqual, type TableGroup } from '../run/table-groups.ts';
import { withDatabase } from '../run/target.ts';
import {
  archivedTables,
  copyOptions,
  copyStatement,
  framesOf,
  LOAD,
  loadText,
  MANIFEST,
  POST_DATA,
  postDataText,
  PRE_DATA,
  preDataText,
  PRIVILEGES,
  privilegesText,
  README,
  readmeText,
} from './archive-files.ts';

/** Only its owner may read rows. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** Name of the folder until the archive is complete and verified. */
export const partialOf = (folder: string): string => `${folder}.partial`;

/**
 * Writes the tables to the folder, as they are in one snapshot; loads the files into a database of their own, compares
 * every row and sequence with the source, and drops that database. The folder appears when all of that has succeeded.
 *
 * @throws PlatformError `verification-failed`
 */
export async function writeArchive(
  sourceUrl: string,
  spec: ArchiveSpec,
  options: WorkOptions,
): Promise<ArchiveManifest> {
  const { plan, folder } = spec;
  const partial = partialOf(folder);
  await rm(partial, { recursive: true, force: true });
  await mkdir(path.join(partial, 'data'), { recursive: true, mode: FOLDER_MODE });
  const snapshot = await openSnapshot(sourceUrl, plan);
  try {
    await setSourceSettings(snapshot.session, plan);
    const files = await writeRows(snapshot.session, { plan, partial }, options);
    const sequences = await sequencesOf(snapshot.session, plan);
    await write(partial, PRE_DATA, preDataText(plan));
    await write(partial, POST_DATA, postDataText(plan, sequences));
    await write(partial, PRIVILEGES, privilegesText(plan));
    await write(partial, LOAD, loadText(plan));
    await write(partial, README, readmeText(spec));
    const tables = await checksumsOf(snapshot.session, plan);
    const found = await readBack(sourceUrl, { ...spec, folder: partial }, options);
    compare(plan, { tables, sequences }, found);
    const manifest: ArchiveManifest = {
      format: 1,
      toolId: spec.toolId,
      jobId: spec.jobId,
      archivedAt: new Date().toISOString(),
      source: plan.source,
      tables: files.map((file) => ({ ...file, ...(tables[file.name] ?? NO_ROWS) })),
      sequences: Object.fromEntries(sequences),
      remarks: spec.remarks,
    };
    await write(partial, MANIFEST, `${JSON.stringify(manifest, null, 2)}\n`);
    await rm(folder, { recursive: true, force: true });
    await rename(partial, folder);
    return manifest;
  } finally {
    await snapshot.close();
  }
}

/** Removes the archive, complete or not, and the database that it is verified in. Safe to call twice. */
export async function removeArchive(
  sourceUrl: string,
  { folder, checkedIn }: Pick<ArchiveSpec, 'folder' | 'checkedIn'>,
): Promise<void> {
  await rm(partialOf(folder), { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
  await rmdir(path.dirname(folder)).catch(() => undefined); // other archives may lie there
  await dropDatabase(withDatabase(sourceUrl, checkedIn));
}

/** @throws Error when the folder holds no complete archive. */
export async function readManifest(folder: string): Promise<ArchiveManifest> {
  return JSON.parse(await readFile(path.join(folder, MANIFEST), 'utf8')) as ArchiveManifest;
}

const NO_ROWS: Fingerprint = { rows: 0, checksum: '' };

const write = (folder: string, file: string, text: string): Promise<void> =>
  writeFile(path.join(folder, file), text, { mode: FILE_MODE, flush: true });

async function writeRows(
  session: Session,
  { plan, partial }: { readonly plan: ExtractionPlan; readonly partial: string },
  { signal, report }: WorkOptions,
): Promise<readonly { name: string; file: string; bytes: number; sha256: string }[]> {
  const all = archivedTables(plan);
  const total = Math.round(all.reduce((sum, { table }) => sum + table.rows, 0));
  const written: { name: string; file: string; bytes: number; sha256: string }[] = [];
  let done = 0;
  for (const { table, file } of all) {
    report.progress({ target: `archiving ${table.name}`, done, total, unit: 'rows' });
    const hash = createHash('sha256');
    const hashing = new Transform({
      transform(chunk: Buffer, _encoding, next): void {
        hash.update(chunk);
        next(null, chunk);
      },
    });
    const target = path.join(partial, file);
    const source = sourceOf({ table, pages: null });
    const rows = session.query(copyTo(`COPY ${source} TO STDOUT (${copyOptions(plan)})`));
    const framed = framedBy(framesOf(plan, table), rows);
    await pipeline(framed, hashing, createWriteStream(target, { mode: FILE_MODE, flush: true }), { signal });
    done = Math.min(total, Math.round(done + table.rows));
    written.push({ name: table.name, file, bytes: (await stat(target)).size, sha256: hash.digest('hex') });
  }
  return written;
}

async function* framedBy(
  { before, after }: ReturnType<typeof framesOf>,
  rows: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  yield Buffer.from(before);
  yield* rows;
  yield Buffer.from(after);
}

async function sequencesOf(
  session: Session,
  plan: ExtractionPlan,
): Promise<ReadonlyMap<string, SequenceState>> {
  const states = new Map<string, SequenceState>();
  for (const { name } of plan.sequences) states.set(name, await readSequence(session, name));
  return states;
}

/** Rows and checksum by table: every column of every row. */
export async function checksumsOf(
  session: Session,
  plan: Pick<ExtractionPlan, 'tables' | 'configuration'>,
): Promise<Readonly<Record<string, Fingerprint>>> {
  const found: Record<string, Fingerprint> = {};
  for (const group of groupsOf(plan)) {
    const checksums = await checksumTables(session, group);
    for (const [name, { rows, digest }] of checksums) found[name] = { rows, checksum: digest };
  }
  return found;
}

const groupsOf = (plan: Pick<ExtractionPlan, 'tables' | 'configuration'>): readonly TableGroup[] => [
  ...groupTables({ tables: plan.configuration ?? [] }),
  ...groupTables(plan),
];

interface Content {
  readonly tables: Readonly<Record<string, Fingerprint>>;
  readonly sequences: ReadonlyMap<string, SequenceState>;
}

/** Loads the files as `load.sql` does, into a database that is dropped afterwards. */
async function readBack(
  sourceUrl: string,
  { folder, plan, locale, checkedIn }: ArchiveSpec,
  { signal, report }: WorkOptions,
): Promise<Content> {
  const url = withDatabase(sourceUrl, checkedIn);
  await dropDatabase(url);
  try {
    await createDatabase(url, locale);
    const session = await openSession({ url });
    try {
      await session.query('BEGIN');
      await session.query(await readFile(path.join(folder, PRE_DATA), 'utf8'));
      for (const { table, file } of archivedTables(plan)) {
        report.progress({ target: `reading back ${table.name}`, done: 0, total: 0, unit: 'rows' });
        const rows = session.query(copyFrom(copyStatement(plan, table)));
        await pipeline(await readRows(path.join(folder, file), framesOf(plan, table)), rows, { signal });
      }
      await session.query(await readFile(path.join(folder, POST_DATA), 'utf8'));
      await session.query(await readFile(path.join(folder, PRIVILEGES), 'utf8'));
      await session.query('COMMIT');
      return { tables: await checksumsOf(session, plan), sequences: await sequencesOf(session, plan) };
    } catch (error) {
      if (signal.aborted) throw error;
      throw new PlatformError('verification-failed', `The archive cannot be loaded: ${messageOf(error)}.`, {
        cause: error,
      });
    } finally {
      await session.end();
    }
  } finally {
    await dropDatabase(url);
  }
}

/** The rows in a file, without what stands around them. */
async function readRows(
  file: string,
  { before, after }: ReturnType<typeof framesOf>,
): Promise<NodeJS.ReadableStream> {
  const { size } = await stat(file);
  const [start, end] = [Buffer.byteLength(before), size - Buffer.byteLength(after)];
  return end > start ? createReadStream(file, { start, end: end - 1 }) : Readable.from([]);
}

/** Rows of partitions that are loaded through one root may lie in another partition than in the source. */
function compare(plan: ExtractionPlan, expected: Content, found: Content): void {
  const sum = ({ tables }: Content, group: TableGroup): Checksum =>
    addChecksums(
      group.tables.flatMap(({ name }) => {
        const known = tables[name];
        return known === undefined ? [] : [{ rows: known.rows, digest: known.checksum }];
      }),
    );
  const problems = groupsOf(plan).flatMap((group) => {
    const [archived, there] = [sum(found, group), sum(expected, group)];
    return isEqual(archived, there)
      ? []
      : [
          `${group.into}: ${there.rows} rows (${there.digest}) in the source, ${archived.rows} rows (${archived.digest}) in the archive`,
        ];
  });
  for (const [name, { value, called }] of expected.sequences) {
    const archived = found.sequences.get(name);
    if (archived?.value !== value || archived.called !== called)
      problems.push(
        `sequence ${name}: ${value} in the source, ${archived?.value ?? 'absent'} in the archive`,
      );
  }
  if (problems.length > 0)
    throw new PlatformError(
      'verification-failed',
      `The archive differs from its source:\n${problems.join('\n')}`,
    );
}
