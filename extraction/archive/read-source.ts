import type { Finding } from '../../contracts/plan.ts';
import type { ArchivedSource } from '../api.ts';
import { parseTableList } from '../plan/closure/names.ts';
import { readExtraction } from '../run/read-extraction.ts';
import { openSession, rowsOf } from '../run/session.ts';
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
  const own = spec.stream === null ? null : await subscriptionId(sourceUrl, spec.stream);
  const messages = (wanted: (finding: Finding) => boolean): string[] =>
    findings.filter(wanted).map(({ message }) => message);
  const largeObjects = (plan?.tables ?? [])
    .filter((table) => table.largeObjects.length > 0)
    .map(({ name, largeObjects: columns }) => `${name} refers to large objects: ${columns.join(', ')}`);
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

/** The catalogs of a database name a subscription by its number. */
async function subscriptionId(url: string, name: string): Promise<string | null> {
  const session = await openSession({ url });
  try {
    const [row] = await rowsOf<{ id: string }>(
      session,
      'SELECT oid::text AS id FROM pg_subscription WHERE subname = $1',
      [name],
    );
    return row?.id ?? null;
  } finally {
    await session.end();
  }
}
