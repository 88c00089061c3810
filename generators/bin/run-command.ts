import { pathToFileURL } from 'node:url';
import { asksForHelp, columns } from '../../contracts/command-help.ts';
import { EXIT } from '../../contracts/errors.ts';
import { nearestName } from '../../contracts/nearest-name.ts';
import { findWorkspace, PACKAGE_NAME, programOf } from '../../templating/roots.ts';

interface Command {
  /** Module of the package, which reads the rest of the command line itself. */
  readonly program: string;
  readonly text: string;
}

/** Commands that run in a workspace. */
const COMMANDS: Readonly<Record<string, Command>> = {
  start: {
    program: 'monolith/server/platform/server',
    text: 'Run the platform: registry API, tools, dashboard, gateway',
  },
  dev: { program: 'dev/dev', text: 'Run the platform in watch mode' },
  token: { program: 'monolith/server/bin/token', text: 'Print a bearer token of the platform' },
  'tool:migrate': {
    program: 'monolith/server/bin/migrate-tool',
    text: 'Apply or roll back the migrations of a tool',
  },
  'templates:check': {
    program: 'templating/bin/check',
    text: 'Check the templates and the overrides in templates.local/',
  },
  test: { program: 'dev/test-tools', text: 'Run the tests of the tools' },
};
const APP = 'app';
const NAMES = [APP, ...Object.keys(COMMANDS)];

/** Runs a command of `npx generator-platform` in this process. Sets the exit code. */
export async function runCommand([name, ...args]: readonly string[]): Promise<void> {
  if (name === '--help' || name === '-h' || name === 'help') process.stdout.write(`${commandsText()}\n`);
  else if (name === undefined) refuse('a command is missing.');
  else if (name === APP) await createWorkspace(args);
  else if (Object.hasOwn(COMMANDS, name)) await runProgram(COMMANDS[name] as Command);
  else {
    const nearest = nearestName(name, NAMES);
    refuse(
      `there is no command ${JSON.stringify(name)}.${nearest === null ? '' : ` Did you mean ${nearest}?`}`,
    );
  }
}

/** In this process, which the program finds as if it had been started itself. */
async function runProgram({ program }: Command): Promise<void> {
  let file: string;
  try {
    file = programOf(findWorkspace(process.cwd()), program);
  } catch (error) {
    process.stderr.write(`✗ ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = EXIT.usage;
    return;
  }
  process.argv.splice(1, 2, file);
  await import(pathToFileURL(file).href);
}

async function createWorkspace(argv: readonly string[]): Promise<void> {
  if (asksForHelp(argv)) {
    const { usage } = await import('../app/usage.ts');
    process.stdout.write(`${usage()}\n`);
    return;
  }
  const [{ runGenerator }, { default: generator }] = await Promise.all([
    import('./run-generator.ts'),
    import('../app/index.ts'),
  ]);
  await runGenerator({ namespace: 'platform:app', generator, resolved: import.meta.filename, argv });
}

function refuse(problem: string): void {
  process.stderr.write(`✗ ${PACKAGE_NAME}: ${problem}\n${commandsText()}\n`);
  process.exitCode = EXIT.usage;
}

function commandsText(): string {
  const rows = [
    [`${APP} [folder]`, 'Make a workspace, to which tools are added'],
    ...Object.entries(COMMANDS).map(([name, { text }]) => [name, text] as const),
  ] as const;
  return `Usage: npx ${PACKAGE_NAME} <command> [flags]

${columns(rows)}

npx ${PACKAGE_NAME} ${APP} --help explains the flags of ${APP}. Tools are created with npx create-tool; all other tasks are those of
gulp: npx gulp --help`;
}
