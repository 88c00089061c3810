import module from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import v8 from 'node:v8';
import vm from 'node:vm';
import { asksForHelp } from '../../contracts/command-help.ts';
import { printGulpHelp } from './print-gulp-help.ts';

/**
 * What gulp loads before a gulpfile: importing this module prepares the process, and gulp takes its exports for
 * settings.
 */
export { message } from './gulp-messages.ts';

// Caches compiled code in the temporary folder: later commands, and the compilers and linters that they run, start
// in two thirds of the time.
process.env['NODE_COMPILE_CACHE'] ??= path.join(tmpdir(), 'node-compile-cache');
module.enableCompileCache();

// Short commands can hang at exit: Node waits for its compiler threads, which wait for a garbage collection
// (https://github.com/nodejs/node/issues/54918). A collection at exit releases them.
v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc') as () => void;
process.on('exit', () => collect());

// Without a loader for the extension, gulp looks for TypeScript loaders and logs each attempt. Node strips types itself.
const { _extensions: loaders } = module as unknown as { readonly _extensions: Record<string, unknown> };
loaders['.ts'] ??= loaders['.js'];

// gulp would print its own help, which knows no task, without loading the gulpfile
if (asksForHelp(process.argv.slice(2))) printGulpHelp(process.argv.slice(2));
