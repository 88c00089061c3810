import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { OWN_PACKAGE } from '../../templating/roots.ts';
import { RECORD_FILE } from '../packed-base.ts';
import { parseOrRefuse } from '../parse-or-refuse.ts';
import { ScaffoldingGenerator } from '../scaffolding-generator.ts';
import { editedFiles, refuseToOverwrite } from '../write/conflicts.ts';
import type { FileChange } from '../write/journal.ts';
import { unifiedDiff } from '../write/unified-diff.ts';
import {
  nameProblem,
  parseAnswers,
  PROMPTED,
  suggestedName,
  TITLES,
  type Answers,
  type PartialAnswers,
} from './answers.ts';
import { COMMAND, parseCommandLine, type CommandLine } from './flags.ts';
import { inFolder, installPackages } from './install.ts';
import { packageSpec } from './package-spec.ts';
import { readPlatformPackage } from './packages.ts';
import { assertRoom, planWorkspace } from './scaffold.ts';
import { usage } from './usage.ts';

/** `yo platform:app` and `generator-platform app`: makes a workspace. */
export default class WorkspaceGenerator extends ScaffoldingGenerator {
  #line!: CommandLine;
  #given: PartialAnswers = {};
  #answers: Answers | undefined;
  #files: readonly FileChange[] | undefined;

  /** Replaces Yeoman's text, which knows none of these flags. */
  override help(): string {
    return usage();
  }

  async initializing(): Promise<void> {
    await this._guarded(() => {
      const cwd = realpathSync(this.contextRoot);
      this.#line = parseCommandLine(this._typed(), cwd);
      this.#given = this.#line.given;
      if (this.#line.help) {
        this.report.say(usage());
        return;
      }
      this._useRoot(withoutLinks(path.resolve(cwd, this.#line.folder)));
      assertRoom(this.root);
      if (this.#line.dryRun) return;
      this._assertWritable(this.root, COMMAND);
      this._recover();
    });
  }

  async prompting(): Promise<void> {
    if (this.#line.help) return;
    await this._guarded(async () => {
      const suggestion = suggestedName(this.root);
      if (this.#line.yes) this.#given = { name: suggestion, ...this.#given };
      else if (this._interactive() && this.#given.name === undefined) {
        const question = { name: 'name', message: `${TITLES.name?.title ?? 'name'}:`, default: suggestion };
        const validate = (name: string): string | true => nameProblem(name) ?? true;
        const asked = await this.prompt([{ ...question, type: 'input', validate }] as never);
        this.#given = { ...this.#given, ...asked };
      }
      const platform = readPlatformPackage(OWN_PACKAGE);
      const answers = parseOrRefuse(() => parseAnswers(this.#given, platform), {
        prompted: PROMPTED,
        flagOf: (answer) => `--${answer}`,
      });
      const place = { cwd: realpathSync(this.contextRoot), root: this.root };
      this.#answers = { ...answers, package: packageSpec(answers.package, place) };
    });
  }

  async writing(): Promise<void> {
    const answers = this.#answers;
    if (answers === undefined) return;
    await this._guarded(async () => {
      const { dryRun, force } = this.#line;
      const files = await planWorkspace(answers, this.root);
      if (dryRun) {
        this.report.emit(unifiedDiff(files));
        return;
      }
      if (!force && !this._interactive())
        refuseToOverwrite(
          editedFiles(files, RECORD_FILE),
          'Choose another folder, add --force to overwrite them, or, in a workspace, run: npx gulp scaffold:update',
        );
      this._stage(files, { force, owned: (file) => file === RECORD_FILE });
      this.#files = files;
    });
  }

  async end(): Promise<void> {
    const files = this.#files;
    if (files === undefined) return;
    const written = files.filter((file) => file.before !== file.after).length;
    this.report.say(
      written === 0
        ? `✅ ${this.root} is up to date with these answers; nothing was written`
        : `✅ Workspace created in ${this.root}: ${written} files`,
    );
    const shown = path.relative(this.contextRoot, this.root);
    await this._guarded(async () => {
      if (this.#line.install) await installPackages(this.root, shown, this.report);
    });
    this.report.say(nextSteps({ shown, root: this.root, installed: this.#line.install }));
  }
}

/** npm resolves a relative path from the real folder of a package.json. */
function withoutLinks(folder: string): string {
  if (existsSync(folder)) return realpathSync(folder);
  return path.join(withoutLinks(path.dirname(folder)), path.basename(folder));
}

function nextSteps(input: { shown: string; root: string; installed: boolean }): string {
  const { shown, root, installed } = input;
  const steps = [
    ...(installed ? [] : ['npm install']),
    ...(isInRepository(root) ? [] : ['git init']),
    'git add --all && git commit -m "Start the workspace"',
    'npm start',
    'npx create-tool my-tool',
  ];
  const [first = '', ...rest] = steps;
  return `\nNext steps:\n${[inFolder(shown, first), ...rest].map((step) => `   ${step}`).join('\n')}`;
}

function isInRepository(folder: string): boolean {
  const parent = path.dirname(folder);
  return existsSync(path.join(folder, '.git')) || (parent !== folder && isInRepository(parent));
}
