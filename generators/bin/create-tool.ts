#!/usr/bin/env node
import module from 'node:module';

// First, so that the compile cache covers all other modules: later runs start in half the time
module.enableCompileCache();
const [{ createEnv }, { asGeneratorError }, { default: ToolGenerator }] = await Promise.all([
  import('yeoman-environment'),
  import('../generator-error.ts'),
  import('../tool/index.ts'),
]);

/** `npx create-tool`: runs the generator of `yo platform:tool` without yo. */
const options: object = { argv: process.argv.slice(2), skipInstall: true };
try {
  const environment = createEnv();
  environment.register(ToolGenerator, { namespace: 'platform:tool', resolved: import.meta.filename });
  await environment.run(['platform:tool'], options);
} catch (error) {
  const { message, code } = asGeneratorError(error);
  process.stderr.write(`✗ ${message}\n`);
  process.exitCode = code;
}
