import { readFileSync } from 'node:fs';
import type { Catalog } from '../../../extraction/catalog/catalog.ts';
import { parseTableList } from '../../../extraction/plan/closure/names.ts';
import { planExtraction, type Extraction } from '../../../extraction/plan/extraction.ts';
import type { Ownership, TargetFacts } from '../../../extraction/plan/target.ts';

export type CatalogName = 'orders' | 'trees' | 'code';

/** The recorded catalog of `fixtures/<name>.sql`. To record it again: node test/extraction/support/record-catalogs.ts */
export const catalogOf = (name: CatalogName): Catalog =>
  JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8')) as Catalog;

/** An empty database of a superuser on PostgreSQL 15. */
const emptyTarget = (facts: Partial<TargetFacts> = {}): TargetFacts => ({
  version: 150_004,
  database: 'target',
  missing: false,
  encoding: 'UTF8',
  collate: 'C.UTF-8',
  user: 'postgres',
  superuser: true,
  canCreateDatabase: true,
  canCreateInDatabase: true,
  roles: ['postgres'],
  assignable: ['postgres'],
  extensions: { plpgsql: ['1.0'] },
  installed: { plpgsql: { version: '1.0', schema: 'pg_catalog' } },
  schemas: ['public'],
  schemaGrants: { public: { mine: true, grants: ['PUBLIC USAGE'] } },
  existing: [],
  tablespaces: ['pg_default'],
  accessMethods: ['heap', 'btree', 'hash'],
  languages: ['sql', 'plpgsql', 'internal', 'c'],
  ...facts,
});

export interface PlanOptions {
  readonly tables: string;
  readonly target?: Partial<TargetFacts>;
  readonly severIncoming?: boolean;
  readonly ownership?: Ownership;
}

export const planFrom = (catalog: Catalog, options: PlanOptions): Extraction =>
  planExtraction(catalog, emptyTarget(options.target), {
    tables: parseTableList(options.tables),
    severIncoming: options.severIncoming ?? false,
    ownership: options.ownership ?? { owner: null, runtime: null },
  });

/** `error foreign-key-incoming reviews_order_id_fkey ON public.reviews` */
export const findingsOf = ({ findings }: Extraction): string[] =>
  findings.map(({ severity, code, object }) => `${severity} ${code} ${object ?? ''}`);
