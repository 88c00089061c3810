import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { inspect, parseArgs } from 'node:util';
import type { Gulp } from 'gulp';
import { PlatformError } from '../../contracts/errors.ts';
import { gulpHelp } from './gulp-help.ts';

const NAMES = ['gulpfile.ts', 'gulpfile.mts', 'gulpfile.js', 'gulpfile.mjs', 'gulpfile.cjs'];

/**
 * Loads the gulpfile, so that a workspace's own tasks are among those shown, prints the help of the command line and
 * ends the process. Where no gulpfile can be loaded it does nothing, and gulp prints its own help.
 */
export function printGulpHelp(argv: readonly string[]): void {
  const gulpfile = findGulpfile(argv);
  if (gulpfile === null) return;
  process.chdir(path.dirname(gulpfile));
  let gulp: Gulp;
  try {
    const require = createRequire(gulpfile);
    require(gulpfile);
    gulp = require('gulp') as Gulp;
  } catch (error) {
    // With an await at its top level, a gulpfile cannot be loaded at once
    if (error instanceof Error && 'code' in error && error.code === 'ERR_REQUIRE_ASYNC_MODULE') return;
    process.stderr.write(`${inspect(error)}\n`);
    process.exit(1);
  }
  try {
    process.stdout.write(`${gulpHelp(argv, gulp.registry().tasks())}\n`);
    process.exit();
  } catch (error) {
    if (!(error instanceof PlatformError)) throw error;
    process.stderr.write(`✗ ${error.message}\n`);
    process.exit(error.exitCode);
  }
}

/** As gulp finds it: named by a flag, or the nearest one from the working folder upward. */
function findGulpfile(argv: readonly string[]): string | null {
  const { values } = parseArgs({
    args: [...argv],
    options: { gulpfile: { type: 'string', short: 'f' }, cwd: { type: 'string' } },
    strict: false,
    allowPositionals: true,
  });
  if (typeof values.gulpfile === 'string') return existing(path.resolve(values.gulpfile));
  let folder = path.resolve(typeof values.cwd === 'string' ? values.cwd : '');
  for (;;) {
    const found = NAMES.map((name) => path.join(folder, name)).find((file) => existsSync(file));
    if (found !== undefined) return found;
    const parent = path.dirname(folder);
    if (parent === folder) return null;
    folder = parent;
  }
}

const existing = (file: string): string | null => (existsSync(file) ? file : null);
