import type { NodePlopAPI } from 'plop';
import { findRepositoryRoot } from '../../templating/repository-root.ts';
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
  component: 'an Angular component with its lazy route and a test that the route leads to it',
  migration: 'a numbered migration, up and down',
  seed: 'a seed that may run twice',
  resource: 'a resource: table, API, screens and tests',
};

/** Ends the process with exit code 2 and the reason when its command line cannot be meant. */
export function refuseUnusable(): void {
  const problem = plopProblem(process.argv.slice(2), process.stdin.isTTY && process.stdout.isTTY);
  if (problem === null) return;
  process.stderr.write(`✗ ${problem}\n`);
  process.exit(EXIT.usage);
}

/** Describes one kind to plop. */
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
    const root = findRepositoryRoot(process.cwd());
    if (!dryRun) recoverWrites(root);
    const addition = await planAddition({ root, toolId: answers.tool, kind, name: answers.name });
    if (dryRun) {
      // plop would print its own line behind the diff, which is for `git apply`
      await new Promise(() => process.stdout.write(unifiedDiff(addition.changes), () => process.exit(0)));
    }
    writeAddition(root, addition);
    const written = addition.changes.map((change) => change.path).join('\n');
    return `${written}\n${await announced(root, addition, written)}`;
  } catch (error) {
    const { message, code } = asGeneratorError(error);
    exitWith(code);
    throw message as unknown as Error; // plop prints what is thrown, and a text without a stack
  }
}

/**
 * Tells the registry.
 * @throws GeneratorError when it cannot be told: the files stay, and the exit code and the message say so
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

/** plop ends with 1 whatever fails; ours says more. */
function exitWith(code: number): void {
  process.once('exit', () => {
    process.exitCode = code;
  });
}
