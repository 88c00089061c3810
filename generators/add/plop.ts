import type { NodePlopAPI } from 'plop';
import { findWorkspace } from '../../templating/roots.ts';
import { EXIT } from '../../contracts/errors.ts';
import { asGeneratorError, GeneratorError, notRegistered } from '../generator-error.ts';
import { ABOUT, readPlopLine, type PlopAnswers } from './plop-arguments.ts';
import { questionsFor } from './plop-questions.ts';
import { unifiedDiff } from '../write/unified-diff.ts';
import {
  announceAddition,
  planAddition,
  recoverWrites,
  writeAddition,
  type Addition,
  type Kind,
} from './index.ts';

/** The answers of the command line. Ends the process with the help, or with code 2 and the reason that it is not valid. */
export function answersOrExit(): PlopAnswers {
  const line = readPlopLine(process.argv.slice(2), process.stdin.isTTY && process.stdout.isTTY);
  if ('help' in line) {
    process.stdout.write(`${line.help}\n`);
    process.exit();
  }
  if ('problem' in line) {
    process.stderr.write(`✗ ${line.problem}\n`);
    process.exit(EXIT.usage);
  }
  return line;
}

/** Registers one kind with plop. */
export function definePlopGenerator(plop: NodePlopAPI, kind: Kind, given: PlopAnswers): void {
  plop.setGenerator(kind, {
    description: `Add ${ABOUT[kind]}`,
    prompts: async (inquirer) => {
      const questions = questionsFor(kind, given, findWorkspace(process.cwd()));
      const asked = await inquirer.prompt<Record<string, string>>(questions);
      return { tool: given.tool, name: given.name, ...asked };
    },
    actions: [
      (answers) => add(kind, { tool: String(answers['tool']), name: String(answers['name']) }, given.dryRun),
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
