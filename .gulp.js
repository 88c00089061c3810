// gulp reads this file before it looks at gulpfile.ts.
import module from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import v8 from 'node:v8';
import vm from 'node:vm';

// What Node compiles, types stripped, is kept in the temporary folder: every later command starts twice as fast, and so
// do the compilers and linters that it runs.
process.env['NODE_COMPILE_CACHE'] ??= path.join(tmpdir(), 'node-compile-cache');
module.enableCompileCache();

// A command that ends a moment after its start would hang now and then: Node waits for its compiling threads, and they
// for a garbage collection (https://github.com/nodejs/node/issues/54918). Collecting as the last thing sets them free.
v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc');
process.on('exit', () => collect());

// gulp asks for a TypeScript loader, and says so line by line, unless the extension has one. Node's own does the work.
module._extensions['.ts'] ??= module._extensions['.js'];
