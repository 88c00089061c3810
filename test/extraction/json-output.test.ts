import { execFile } from 'node:child_process';
import { expect } from 'chai';
import { createDatabase } from '../support/postgres.ts';
import { newPair } from './support/extract.ts';
import { query } from './support/server.ts';

const MANY = `DO $$ BEGIN FOR i IN 1..150 LOOP
  EXECUTE format('CREATE TABLE t_%s (id serial PRIMARY KEY, a_rather_long_name_of_a_column_%s text, CHECK (id > 0))', i, i);
  EXECUTE format('CREATE INDEX ON t_%s (a_rather_long_name_of_a_column_%s)', i, i); END LOOP; END $$`;

/** What a gulp command writes into a pipe whose reader starts late, so that the pipe is full for a while. */
const slowlyRead = (args: readonly string[]): Promise<{ code: unknown; text: string }> =>
  new Promise((resolve) =>
    execFile(
      'bash',
      [
        '-o',
        'pipefail',
        '-c',
        '"$@" 2> /dev/null | (sleep 1; cat)',
        'bash',
        process.execPath,
        'node_modules/gulp/bin/gulp.js',
        ...args,
      ],
      { maxBuffer: 64 * 1024 * 1024 },
      (error, text) => resolve({ code: error === null ? 0 : error.code, text }),
    ),
  );

describe('gulp extract --json', () => {
  it('prints one whole document into a pipe, whatever the exit code', async () => {
    const pair = await newPair(MANY);
    const target = await createDatabase();
    await query(target, 'CREATE TABLE t_1 (id int)');
    const tables = Array.from({ length: 150 }, (_, n) => `t_${n + 1}`).join(',');
    for (const [to, expected] of [
      [target, 3],
      [pair.target, 0],
    ] as const) {
      const { code, text } = await slowlyRead([
        'extract',
        '--silent',
        `--source=${pair.source}`,
        `--target=${to}`,
        `--tables=${tables}`,
        '--dry-run',
        '--json',
      ]);
      expect(code).to.equal(expected);
      expect(text.length).to.be.greaterThan(128 * 1024);
      expect(JSON.parse(text)).to.have.property('exitCode', expected);
    }
  });
});
