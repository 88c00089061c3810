import type { Finding } from '../../contracts/plan.ts';
import type { ArchivedSource } from './archive-api.ts';
import { parseTableList } from '../plan/closure/names.ts';
import type { ExtractionPlan } from '../plan/plan.ts';
import { readExtraction } from '../run/read-extraction.ts';
import { isTrue, openSession, rowsOf, type Session } from '../run/session.ts';
import { readTarget, withDatabase } from '../run/target.ts';

/** Objects that continue to use the tables, and that PostgreSQL would not protect: their text names the tables. */
const TEXT_DEPENDENTS: readonly string[] = [
  'function-left-behind',
  'policy-crosses-inward',
  'rule-crosses-inward',
  'constraint-crosses-inward',
  'index-crosses-inward',
  'statistics-crosses-inward',
  'view-crosses',
  'foreign-key-incoming',
  'publication',
  'subscription',
];

/** Objects on the tables that reach outside, and so are not archived. */
const LOST: readonly string[] = ['foreign-key-outgoing', 'trigger-crosses', 'index-invalid'];

/** Plans the tables as a copy in a new database on their own server, with their owners and privileges. Changes nothing. */
export async function readSource(
  sourceUrl: string,
  spec: { readonly tables: readonly string[]; readonly checkedIn: string; readonly stream: string | null },
): Promise<ArchivedSource> {
  const target = { ...(await readTarget(withDatabase(sourceUrl, spec.checkedIn))), missing: true };
  const { plan, findings, source } = await readExtraction({
    sourceUrl,
    target,
    request: {
      tables: parseTableList(spec.tables.join('\n')),
      severIncoming: true,
      ownership: { owner: null, runtime: null },
    },
  });
  const { own, largeObjects } = await on(sourceUrl, async (session) => ({
    own: spec.stream === null ? null : await subscriptionId(session, spec.stream),
    largeObjects: await findLargeObjects(session, plan),
  }));
  const messages = (wanted: (finding: Finding) => boolean): string[] =>
    findings.filter(wanted).map(({ message }) => message);
  return {
    plan,
    locale: source,
    obstacles: [...messages(({ severity }) => severity === 'error'), ...largeObjects],
    dependents: messages(
      ({ code, object }) => TEXT_DEPENDENTS.includes(code) && !(code === 'subscription' && object === own),
    ),
    remarks: messages(({ code }) => LOST.includes(code)),
  };
}

async function on<T>(url: string, work: (session: Session) => Promise<T>): Promise<T> {
  const session = await openSession({ url });
  try {
    return await work(session);
  } finally {
    await session.end();
  }
}

/** The catalogs of a database name a subscription by its number. */
async function subscriptionId(session: Session, name: string): Promise<string | null> {
  const [row] = await rowsOf<{ id: string }>(
    session,
    'SELECT oid::text AS id FROM pg_subscription WHERE subname = $1',
    [name],
  );
  return row?.id ?? null;
}

/** Rows of tables are in the archive; large objects that these rows name are not. */
async function findLargeObjects(session: Session, plan: ExtractionPlan | null): Promise<string[]> {
  const found: string[] = [];
  for (const { name, largeObjects } of plan?.tables ?? [])
    for (const column of largeObjects) {
      const named = `EXISTS (SELECT FROM pg_largeobject_metadata m JOIN ONLY ${name} t ON t.${column}::oid = m.oid)`;
      if (await isTrue(session, named)) found.push(`${name}.${column} refers to large objects`);
    }
  return found;
}
