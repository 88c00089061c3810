import closeWithGrace from 'close-with-grace';
import path from 'node:path';
import { PlatformError } from '../../../contracts/errors.ts';
import { parseSettings, SettingsError } from '../../../contracts/settings.ts';
import { outliveReaders } from '../../../registry-api/closed-output.ts';
import { findWorkspace } from '../../../templating/roots.ts';
import { createLogger } from './logger.ts';
import { startPlatform, type Platform } from './platform.ts';

const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** Entry point: reads the environment, prints lines, sets exit codes. */
async function main(): Promise<void> {
  outliveReaders();
  const settings = parseSettings(process.env);
  const root = findWorkspace(process.cwd());
  const logs = path.resolve(root, settings.stateDir, 'logs');
  const logger = createLogger({ settings, logs, print });
  print('Starting the platform...');
  const platform = await startPlatform({
    root,
    settings,
    logger,
    env: process.env,
    web: settings.web === 'auto',
  });
  announce(platform);

  closeWithGrace({ delay: 15_000, logger: false }, async ({ err, signal }) => {
    if (err !== undefined) {
      logger.fatal({ err }, 'the platform failed');
      process.exitCode = 1;
    }
    if (signal !== undefined) print('Stopping...');
    await platform.close();
    logger.flush();
  });
}

function announce(platform: Platform): void {
  const { port, gatewayPort, gateway, host } = platform;
  const via = gateway === 'nginx' ? 'nginx' : 'the platform itself';
  print(`  Dashboard   http://localhost:${port}/tools`);
  print(`  API         http://localhost:${port}/api/tools`);
  print(`  Gateway     http://localhost:${gatewayPort} (${via})`);
  const states = host.states();
  print(
    `  Tools       ${states.length === 0 ? 'none yet: npx create-tool my-tool' : states.map(({ id }) => id).join(', ')}`,
  );
  for (const { id, problem } of states) if (problem !== null) print(`  ${id} does not start: ${problem}`);
  for (const { message } of platform.serviceProblems()) print(`  Warning: ${message}`);
  print('Ready. Stop with Ctrl-C.');
}

main().catch((error: unknown) => {
  const known = error instanceof PlatformError || error instanceof SettingsError;
  process.stderr.write(
    `${known ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
  );
  process.exit(error instanceof PlatformError ? error.exitCode : error instanceof SettingsError ? 2 : 1);
});
