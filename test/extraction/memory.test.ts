import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { newPair } from './support/extract.ts';

const run = promisify(execFile);

/** Prints the greatest resident size of the process in KiB to standard error at its end. */
const METER = `data:text/javascript,process.on('exit', () => process.stderr.write('\\n' + process.resourceUsage().maxRSS))`;

describe('memory of an extraction', () => {
  it('stays below 200 MiB while bodies of functions are parsed', async () => {
    const pair = await newPair(
      `CREATE TABLE t (id int PRIMARY KEY);
       DO $$ BEGIN FOR i IN 1..100 LOOP EXECUTE format('CREATE FUNCTION f_%s(a int) RETURNS int LANGUAGE plpgsql AS $f$ DECLARE n int; BEGIN SELECT count(*) INTO n FROM t WHERE id > a; RETURN n + 1; END $f$', i); END LOOP; END $$`,
    );
    const { stderr } = await run(process.execPath, [
      '--import',
      METER,
      'test/extraction/support/extract-process.ts',
      `--source=${pair.source}`,
      `--target=${pair.target}`,
      '--tables=t',
    ]);
    expect(Number(stderr.trim().split('\n').at(-1)) / 1024)
      .to.be.greaterThan(50)
      .and.lessThan(200);
  });
});
