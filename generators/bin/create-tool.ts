#!/usr/bin/env node
import module from 'node:module';

// First, so that the compile cache covers all other modules: later runs start in half the time
module.enableCompileCache();
const [{ runGenerator }, { default: generator }] = await Promise.all([
  import('./run-generator.ts'),
  import('../tool/index.ts'),
]);

/** `npx create-tool`: runs the generator of `yo platform:tool` without yo. */
await runGenerator({
  namespace: 'platform:tool',
  generator,
  resolved: import.meta.filename,
  argv: process.argv.slice(2),
});
