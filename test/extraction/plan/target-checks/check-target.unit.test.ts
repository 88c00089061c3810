import { expect } from 'chai';
import type { Catalog } from '../../../../extraction/catalog/catalog.ts';
import type { TargetFacts } from '../../../../extraction/plan/target.ts';
import { catalogOf, findingsOf, planFrom } from '../../support/catalogs.ts';

const trees = catalogOf('trees');
const code = catalogOf('code');

/** With extension `hstore`, which function `slug` needs. */
const withExtension: Catalog = {
  ...code,
  extensions: [
    ...code.extensions,
    {
      oid: '20000',
      name: 'hstore',
      rawName: 'hstore',
      schema: 'public',
      rawSchema: 'public',
      version: '1.8',
      configuration: [],
    },
  ],
  members: { ...code.members, 'pg_proc:20001': '20000' },
  dependencies: [
    ...code.dependencies,
    {
      from: `pg_proc:${code.functions.find(({ name }) => name === 'public.slug')!.oid}`,
      fromColumn: 0,
      to: 'pg_proc:20001',
      toColumn: 0,
      kind: 'n',
    },
  ],
};
const withBuiltinLocale: Catalog = {
  ...trees,
  server: { ...trees.server, provider: 'builtin', locale: 'C.UTF-8' },
};
const withVirtualColumn: Catalog = {
  ...trees,
  relations: trees.relations.map((relation) =>
    relation.rawName === 'animals'
      ? {
          ...relation,
          tablespace: 'fast',
          columns: relation.columns.map((column) =>
            column.rawName === 'born' ? { ...column, generated: 'v', expression: 'now()' } : column,
          ),
        }
      : relation,
  ),
};

interface Case {
  readonly title: string;
  readonly target: Partial<TargetFacts>;
  readonly catalog?: Catalog;
  readonly expected: readonly string[];
}

const CASES: readonly Case[] = [
  { title: 'nothing in an empty database of a superuser', target: {}, expected: [] },
  {
    title: 'objects that exist already',
    target: { existing: ['relation public.animals', 'relation public.readings_id_seq'] },
    expected: ['error target-exists public.animals', 'error target-exists public.readings_id_seq'],
  },
  {
    title: 'another encoding and another collation',
    target: { encoding: 'LATIN1', collate: 'de_DE' },
    expected: ['error encoding-differs target', 'warning locale-differs target'],
  },
  {
    title: 'nothing about another spelling of the same collation',
    target: { collate: 'C.utf8', ctype: 'C.utf8' },
    expected: [],
  },
  {
    title: 'another classification of characters',
    target: { ctype: 'de_DE.UTF-8' },
    expected: ['warning locale-differs target'],
  },
  {
    title: 'another provider of the collation',
    target: { provider: 'icu', locale: 'en-US' },
    expected: ['warning locale-differs target'],
  },
  {
    title: 'no obstacle where libc has the locale of a builtin provider that the server lacks',
    target: { missing: true, encoding: null, collate: null, version: 160_000 },
    catalog: withBuiltinLocale,
    expected: [],
  },
  {
    title: 'a new database on a server without the locale of the source',
    target: { missing: true, encoding: null, collate: null, version: 160_000 },
    catalog: { ...withBuiltinLocale, server: { ...withBuiltinLocale.server, locale: 'PG_UNICODE_FAST' } },
    expected: ['error locale-unsupported target'],
  },
  {
    title: 'a missing database that the user cannot create',
    target: { missing: true, canCreateDatabase: false },
    expected: ['error target-missing target'],
  },
  {
    title: 'a database in which the user cannot create anything',
    target: { canCreateInDatabase: false },
    expected: ['error target-forbidden target'],
  },
  {
    title: 'a missing access method',
    target: { accessMethods: ['btree'] },
    expected: ['readings_2024', 'readings_rest', 'animals', 'dogs'].map(
      (name) => `error access-method-missing public.${name}`,
    ),
  },
  {
    title: 'a missing language',
    target: { languages: ['plpgsql'] },
    catalog: code,
    expected: [
      'error language-missing public.is_audited(wanted text)',
      'error language-missing public.slug(name text)',
    ],
  },
  {
    title: 'a virtual column before PostgreSQL 18, and a missing tablespace',
    target: {},
    catalog: withVirtualColumn,
    expected: ['warning tablespace-mapped public.animals', 'error virtual-column public.animals.born'],
  },
  {
    title: 'nothing about a virtual column from PostgreSQL 18 on',
    target: { version: 180_000, tablespaces: ['fast'] },
    catalog: withVirtualColumn,
    expected: [],
  },
  {
    title: 'an extension that the server does not offer',
    target: {},
    catalog: withExtension,
    expected: ['error extension-missing hstore'],
  },
  {
    title: 'an extension that the server offers in another version',
    target: { extensions: { hstore: ['1.9'] } },
    catalog: withExtension,
    expected: ['warning extension-version hstore'],
  },
  {
    title: 'an extension that only a superuser can create',
    target: {
      superuser: false,
      extensions: { hstore: ['1.8'] },
      superuserExtensions: ['hstore'],
    },
    catalog: withExtension,
    expected: ['error needs-superuser hstore'],
  },
  {
    title: 'an extension in another schema',
    target: { installed: { hstore: { version: '1.8', schema: 'extensions' } } },
    catalog: withExtension,
    expected: ['error extension-differs hstore'],
  },
  {
    title: 'an extension that is installed in another version',
    target: { installed: { hstore: { version: '1.7', schema: 'public' } } },
    catalog: withExtension,
    expected: ['warning extension-version hstore'],
  },
];

describe('check of the target', () => {
  for (const { title, target, catalog = trees, expected } of CASES)
    it(`reports ${title}`, () => {
      const tables = catalog.relations.some(({ rawName }) => rawName === 'tasks')
        ? 'tasks,audit'
        : 'readings,animals';
      const found = findingsOf(planFrom(catalog, { tables, target })).filter(
        (text) => !text.startsWith('info'),
      );
      expect(found).to.deep.equal(expected);
    });

  it('names the statement that creates the missing role of a policy', () => {
    const policies = code.policies.map((policy) => ({ ...policy, roles: ['clerk'] }));
    const { findings } = planFrom({ ...code, policies }, { tables: 'tasks,audit' });
    expect(findings.map(({ code: found, remedy }) => [found, remedy])).to.deep.equal(
      policies.map(() => ['role-missing', 'Create the role first: CREATE ROLE clerk;']),
    );
  });
});
