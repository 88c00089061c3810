import type { NodePlopAPI } from 'plop';
import { findWorkspace } from '../../templating/roots.ts';
import { EXIT } from '../../contracts/errors.ts';
import { asGeneratorError, GeneratorError, notRegistered } from '../generator-error.ts';
import { plopProblem } from './plop-arguments.ts';
import { unifiedDiff } from '../write/unified-diff.ts';
import {
  announceAddition,
  planAddition,
  recoverWrites,
  writeAddition,
  type Addition,
  type Kind,
} from './index.ts';

const ABOUT: Record<Kind, string> = {
  controller: 'a controller with its mounted route, manifest entry and HTTP test',
  service: 'a service with its unit test',
  repository: 'a repository with its test against PostgreSQL',
  validator: 'a validator with its unit test',
  component: 'an Angular component with its lazy route and a test of that route',
  migration: 'a numbered migration, up and down',
  seed: 'an idempotent seed',
  resource: 'a resource: table, API, screens and tests',
};

/** Exits with code 2 and the reason when the command line is not valid. */
export function refuseUnusable(): void {
  const problem = plopProblem(process.argv.slice(2), process.stdin.isTTY && process.stdout.isTTY);
  if (problem === null) return;
  process.stderr.write(`✗ ${problem}\n`);
  process.exit(EXIT.usage);
}

/** Registers one kind with plop. */
export function definePlopGenerator(plop: NodePlopAPI, kind: Kind): void {
  plop.setGenerator(kind, {
    description: `Add ${ABOUT[kind]}`,
    prompts: [
      { type: 'input', name: 'tool', message: 'Tool id:' },
      {
        type: 'input',
        name: 'name',
        message: kind === 'resource' ? 'Resource (item:name:string,...):' : 'Name:',
      },
    ],
    actions: [
      ({ tool, name }) =>
        add(kind, { tool: String(tool), name: String(name) }, process.argv.includes('--dry-run')),
    ],
  });
}

async function add(kind: Kind, answers: { tool: string; name: string }, dryRun: boolean): Promise<string> {
  try {
    const root = findWorkspace(process.cwd());
    if (!dryRun) recoverWrites(root);
    const addition = await planAddition({ root, toolId: answers.tool, kind, name: answers.name });
    if (dryRun) {
      // plop would print its own line after the diff, and break it for `git apply`
      await new Promise(() => process.stdout.write(unifiedDiff(addition.changes), () => process.exit(0)));
    }
    writeAddition(root, addition);
    const written = addition.changes.map((change) => change.path).join('\n');
    return `${written}\n${await announced(root, addition, written)}`;
  } catch (error) {
    const { message, code } = asGeneratorError(error);
    exitWith(code);
    throw message as unknown as Error; // plop prints a thrown text without a stack
  }
}

/**
 * Updates the registry.
 * @throws GeneratorError when it does not answer: the files stay, and the exit code and message say so
 */
async function announced(root: string, addition: Addition, written: string): Promise<string> {
  try {
    const outcome = await announceAddition(root, addition);
    return outcome === null ? '' : `registry: ${outcome}`;
  } catch (error) {
    const { message, code } = notRegistered(error, addition.manifest.id);
    throw new GeneratorError(`${written}\n${message}`, code, error);
  }
}

/** Sets the exit code, because plop exits with 1 for every error. */
function exitWith(code: number): void {
  process.once('exit', () => {
    process.exitCode = code;
  });
}
