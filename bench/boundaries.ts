import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseProgramFlags } from '../contracts/command-line.ts';
import { analyseBoundaries } from '../inspection/index.ts';

/**
 * `gulp boundaries` over a generated application: prints its seconds and the peak of memory. `--lines=N` for another
 * size than 100,000 lines, `--modules=N` for more than 40 modules.
 */
const { lines = 100_000, modules = 40 } = parseProgramFlags('bench:boundaries', process.argv.slice(2), {
  lines: { type: 'number', text: 'lines of the application (default: 100000)' },
  modules: { type: 'number', text: 'its modules (default: 40)' },
});

/** One file of about 100 lines: raw SQL, knex, an import of another module, a session key and a route. */
function fileOf(module: number, file: number): string {
  const other = (module * 7 + file) % modules;
  const functions = Array.from({ length: 12 }, (_, i) => {
    const table = `module${(module + i * (file % 3)) % modules}_rows`;
    return `/** Reads the rows of one customer. */
export async function rows${i}(customerId, { limit = 50, offset = 0 } = {}) {
  const { rows } = await pool.query(
    \`SELECT r.id, r.name, o.total
       FROM ${table} r JOIN module${other}_totals o ON o.id = r.id
      WHERE r.customer_id = $1 ORDER BY r.id LIMIT $2 OFFSET $3\`,
    [customerId, limit, offset],
  );
  if (rows.length === 0) await db('${table}').where({ id: customerId }).update({ seen: true });
  return rows.map(({ id, name, total }) => ({ id, name, total: Number(total) }));
}
`;
  });
  return `import { Router } from 'express';
import { db, pool } from '../../db.js';
import * as neighbour from '../module${other}/part0.js';

export const router = Router();

${functions.join('\n')}
router.get('/rows/:id', async (req, res) => {
  req.session.seen${module} = true;
  res.json([await rows0(req.params.id), await neighbour.rows0(req.params.id)]);
});
`;
}

const root = mkdtempSync(path.join(tmpdir(), 'bench-boundaries-'));
try {
  const linesOfFile = fileOf(0, 0).split('\n').length;
  const files = Math.ceil(lines / linesOfFile / modules);
  for (let module = 0; module < modules; module += 1) {
    const folder = path.join(root, `src/modules/module${module}`);
    mkdirSync(folder, { recursive: true });
    for (let file = 0; file < files; file += 1)
      writeFileSync(path.join(folder, `part${file}.js`), fileOf(module, file));
  }
  writeFileSync(
    path.join(root, 'src/db.js'),
    "import knex from 'knex';\nimport pg from 'pg';\nexport const pool = new pg.Pool();\nexport const db = knex({ client: 'pg' });\n",
  );
  writeFileSync(
    path.join(root, 'schema.sql'),
    Array.from({ length: modules }, (_, i) =>
      ['rows', 'totals']
        .map((name) => `CREATE TABLE module${i}_${name} (id int PRIMARY KEY, customer_id int);\n`)
        .join(''),
    ).join(''),
  );
  const start = performance.now();
  const found = await analyseBoundaries({ root, database: null });
  const seconds = (performance.now() - start) / 1000;
  const read = found.modules.reduce((sum, module) => sum + module.lines, 0);
  const peak = process.resourceUsage().maxRSS / 1024;
  console.log(
    `${read.toLocaleString('en-US')} lines in ${files * modules} files, ${found.couplings.length.toLocaleString('en-US')} couplings: ${seconds.toFixed(1)} s (at most 30), peak ${peak.toFixed(0)} MiB (at most 1024)`,
  );
} finally {
  rmSync(root, { recursive: true, force: true });
}
