import { globSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { commandUsage, flagList, readArguments } from '../contracts/command-line.ts';
import { EXIT, PlatformError } from '../contracts/errors.ts';
import { findWorkspace } from '../templating/roots.ts';
import { startScratchServer } from './scratch-server.ts';

/** `generator-platform test`: the tests of a workspace's tools, in one process of mocha. */
const COMMAND = 'generator-platform test';
const FLAGS = {
  unit: { type: 'boolean', text: 'only the tests that need no database' },
  help: { type: 'boolean', short: 'h', text: 'show this text' },
} as const;
const HELP = `Usage: npm test -- [word ...] [flags]

Runs the tests of all tools, or those whose file has one of the words in its path. Tests in tests/integration/ get
TEST_DATABASE_URL: the given one, or else DATABASE_URL, or else a PostgreSQL that is started for them.

${flagList(FLAGS)}
`;

const UNIT = 'tools/*/tests/{unit,frontend}/**/*.test.ts';
const INTEGRATION = 'tools/*/tests/integration/**/*.test.ts';

/** The exit code of the tests. */
async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals: words, unknown, problems } = readArguments(argv, FLAGS);
  const wrong = [...unknown.map(({ flag }) => `unknown flag ${flag}`), ...problems];
  if (wrong.length > 0) throw commandUsage(COMMAND, wrong, FLAGS);
  if (values.help === true) {
    process.stdout.write(HELP);
    return EXIT.done;
  }
  const root = findWorkspace(process.cwd());
  const select = (pattern: string): readonly string[] =>
    globSync(pattern, { cwd: root })
      .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
      .sort();
  const integration = values.unit === true ? [] : select(INTEGRATION);
  const files = [...select(UNIT), ...integration];
  if (files.length > 0) return runTests(root, files, integration.length > 0);
  if (words.length > 0)
    throw commandUsage(COMMAND, [`no test of a tool has ${words.join(' or ')} in its path`], FLAGS);
  process.stdout.write('No tool has tests yet.\n');
  return EXIT.done;
}

async function runTests(root: string, files: readonly string[], needsDatabase: boolean): Promise<number> {
  const stop = new AbortController();
  // The server outlives its starter, so this process waits for the end of the tests and stops it
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop.abort());
  const given = process.env['TEST_DATABASE_URL'] || process.env['DATABASE_URL'] || null;
  const server = needsDatabase && given === null ? await startScratchServer() : null;
  const url = given ?? server?.url;
  try {
    const program = path.join(root, 'node_modules', 'mocha', 'bin', 'mocha.js');
    const { exitCode = 1 } = await execa(process.execPath, [program, ...files], {
      cwd: root,
      env: url === undefined ? {} : { TEST_DATABASE_URL: url },
      stdio: 'inherit',
      reject: false,
      cancelSignal: stop.signal,
    });
    return stop.signal.aborted ? EXIT.interrupted : exitCode;
  } finally {
    await server?.close();
  }
}

main(process.argv.slice(2)).then(
  // Handles of the embedded server's starter must not keep the process alive
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`✗ ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(error instanceof PlatformError ? error.exitCode : 1);
  },
);
