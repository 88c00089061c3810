import type { Violation } from './violations.ts';

const service = (text: string): Pick<Violation, 'file' | 'text'> => ({
  file: 'backend/services/planted.ts',
  text: `// a line above\n// and another\n${text}`,
});

/** SQL on undeclared tables, and SQL that cannot be parsed. */
export const SQL_VIOLATIONS: readonly Violation[] = [
  {
    what: 'SQL on an undeclared table',
    code: 'code-undeclared-table',
    ...service(
      `import type { Pool } from 'pg';\nexport const all = (db: Pool) => db.query('select * from users');\n`,
    ),
    at: 'users',
  },
  {
    what: 'an undeclared table deep in a statement',
    code: 'code-undeclared-table',
    ...service(
      `import type { Pool } from 'pg';\nexport const all = (db: Pool) =>\n  db.query(\`\n    SELECT t.id\n    FROM things t\n    JOIN platform_users u ON u.id = t.owner\n  \`);\n`,
    ),
    at: 'platform_users',
  },
  {
    what: 'an undeclared table in a sub-query',
    code: 'code-undeclared-table',
    ...service(`export const SQL = 'DELETE FROM things WHERE id IN (SELECT thing FROM orders)';\n`),
    at: 'orders',
  },
  {
    what: 'an undeclared table in a CTE of the same name',
    code: 'code-undeclared-table',
    ...service(`export const SQL = \`\nWITH orders AS (SELECT * FROM orders)\nSELECT * FROM orders\`;\n`),
    at: 'WITH orders',
  },
  {
    what: 'an undeclared table that is written beside a CTE of its name',
    code: 'code-undeclared-table',
    ...service(
      `export const SQL = 'WITH orders AS (SELECT 1) INSERT INTO orders SELECT * FROM orders RETURNING id';\n`,
    ),
    at: 'orders',
  },
  {
    what: 'an undeclared table in another schema',
    code: 'code-undeclared-table',
    ...service(`export const SQL = 'UPDATE billing.things SET paid = true';\n`),
    at: 'billing',
  },
  {
    what: 'an undeclared table behind a constant of another file',
    code: 'code-undeclared-table',
    ...service(
      `import type { Pool } from 'pg';\nimport { TABLE } from '../types/names.ts';\nexport const all = (db: Pool) => db.query(\`SELECT * FROM \${TABLE}\`);\n`,
    ),
    at: 'export const all',
    also: { 'tools/demo/backend/types/names.ts': `export const TABLE = 'audit_log';\n` },
  },
  {
    what: 'an undeclared table in a fragment',
    code: 'code-undeclared-table',
    ...service(
      `import type { Pool } from 'pg';\nexport function all(db: Pool, wide: boolean) {\n  let sql = 'SELECT id FROM things t';\n  if (wide) sql += ' LEFT JOIN customers c ON c.id = t.customer';\n  return db.query(sql);\n}\n`,
    ),
    at: 'customers',
  },
  {
    what: 'an undeclared table in a DO block',
    code: 'code-undeclared-table',
    ...service(
      `import type { Pool } from 'pg';\nexport const purge = (db: Pool) =>\n  db.query('DO $$ BEGIN DELETE FROM sessions; END $$');\n`,
    ),
    at: 'sessions',
  },
  {
    what: 'a table whose name is computed',
    code: 'code-computed-table',
    ...service(
      `import type { Pool } from 'pg';\nexport const all = (db: Pool, table: string) => db.query(\`SELECT * FROM \${table}\`);\n`,
    ),
    at: 'db.query',
  },
  {
    what: 'SQL that cannot be parsed',
    code: 'code-sql-unreadable',
    ...service(
      `import type { Pool } from 'pg';\nexport const all = (db: Pool) => db.query('SELECT FROM WHERE nothing fits');\n`,
    ),
    at: 'db.query',
  },
  {
    what: 'an undeclared table with a schema and the name of a CTE',
    code: 'code-undeclared-table',
    ...service(`export const SQL = 'WITH orders AS (SELECT 1) SELECT * FROM public.orders, orders';\n`),
    at: 'export const SQL',
  },
];
