import { RECORD_FILE } from '../packed-base.ts';
import { RegisteringGenerator } from '../registering-generator.ts';
import { unifiedDiff } from '../write/unified-diff.ts';
import { answersOrRefusal } from './ask.ts';
import type { Answers, PartialAnswers } from './answers.ts';
import { parseCommandLine, type CommandLine } from './flags.ts';
import { answersOf, questionsFor } from './prompts.ts';
import { answeringPlatform } from '../registration.ts';
import { nextSteps } from './next-steps.ts';
import { planScaffold, refuseConflicts, type Scaffold } from './scaffold.ts';
import { usage } from './usage.ts';

/** `yo platform:tool` and `create-tool`: scaffolds a tool and registers it. */
export default class ToolGenerator extends RegisteringGenerator {
  #line!: CommandLine;
  #given: PartialAnswers = {};
  #answers: Answers | undefined;
  #scaffold: Scaffold | undefined;

  /** Replaces Yeoman's text, which knows none of these flags. */
  override help(): string {
    return usage();
  }

  async initializing(): Promise<void> {
    await this._guarded(() => {
      this.#line = parseCommandLine(this._typed(), this.contextRoot);
      this.#given = this.#line.given;
      if (this.#line.help) {
        this.report.say(usage());
        return;
      }
      this._assertToolsWritable();
      this._recover();
    });
  }

  async prompting(): Promise<void> {
    if (this.#line.help) return;
    await this._guarded(async () => {
      const { yes } = this.#line;
      const id = this.#given.id;
      if (this._interactive() && !yes) {
        if (typeof id === 'string') this.report.say(`Creating new tool: ${id}`);
        const typed = await this.prompt(questionsFor(this.#given) as never);
        this.#given = { ...this.#given, ...answersOf(typed) };
      }
      this.#answers = answersOrRefusal(this.#given, { suggest: yes });
    });
  }

  async writing(): Promise<void> {
    const answers = this.#answers;
    if (answers === undefined) return;
    await this._guarded(async () => {
      const { dryRun, force } = this.#line;
      const scaffold = await planScaffold(answers, this.root, { force });
      if (dryRun) {
        this.report.emit(unifiedDiff(scaffold.files));
        return;
      }
      if (!force && !this._interactive()) refuseConflicts(scaffold);
      this._stage(scaffold.files, { force, owned: (file) => file.endsWith(`/${RECORD_FILE}`) });
      this.#scaffold = scaffold;
    });
  }

  async end(): Promise<void> {
    const scaffold = this.#scaffold;
    if (scaffold === undefined) return;
    const { id } = scaffold.manifest;
    if (scaffold.files.every((file) => file.before === file.after))
      this.report.say(`✅ tools/${id}/ is up to date with these answers; nothing was written`);
    else {
      this.report.say(`✅ Tool scaffolded at tools/${id}/`);
      this.report.say('✅ Backend controllers, services, repositories created');
      this.report.say('✅ Frontend components created');
      this.report.say('✅ Database migrations generated');
    }
    if (this.#line.register) {
      await this._register(scaffold.manifest);
      this.report.say('✅ Available in dashboard');
    }
    const platformUrl = await answeringPlatform(this.root);
    this.report.say(nextSteps({ id, platformUrl, registered: this.#line.register }));
  }
}
