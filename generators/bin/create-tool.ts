#!/usr/bin/env node
import module from 'node:module';

// First, so that the compile cache covers all other modules: later runs start in half the time
module.enableCompileCache();
const argv = process.argv.slice(2);

/** `npx create-tool`: runs the generator of `yo platform:tool` without yo. */
const { asksForHelp } = await import('../../contracts/command-help.ts');
if (asksForHelp(argv)) {
  // Yeoman takes most of the time of a start
  const { usage } = await import('../tool/usage.ts');
  process.stdout.write(`${usage()}\n`);
} else {
  const [{ runGenerator }, { default: generator }] = await Promise.all([
    import('./run-generator.ts'),
    import('../tool/index.ts'),
  ]);
  await runGenerator({ namespace: 'platform:tool', generator, resolved: import.meta.filename, argv });
}
