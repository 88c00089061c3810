import { expect } from 'chai';
import pg from 'pg';
import type { JournalBreakpoint, Moment } from './journal-breakpoint.ts';
import type { Lab } from './lab.ts';
import { realityOf, statusOf, TOOLS, type Tool } from './two-tools.ts';

/** A command on a tool. `at` picks the change at which it is killed or cancelled, out of all changes of an export. */
export interface Action {
  readonly kind:
    'export' | 'dry-run' | 'kill' | 'cancel' | 'resume' | 'kill-resume' | 'rollback' | 'kill-rollback';
  readonly tool: Tool;
  readonly at: number;
  readonly after: boolean;
}

export const describeAction = ({ kind, tool, at, after }: Action): string =>
  kind.startsWith('kill') || kind === 'cancel'
    ? `${kind} ${tool} ${after ? 'after' : 'before'} ${at}`
    : `${kind} ${tool}`;

/** `broken`: an export or a rollback was killed, and its effects are still there. */
type State = 'in monolith' | 'exported' | 'broken';

/**
 * The expected state of two tools after any sequence of actions. The real commands carry out every action. Their exit
 * codes, `gulp status` and the actual files, processes and databases must agree with these rules.
 */
export class ExportModel {
  readonly #lab: Lab;
  readonly #breakpoint: JournalBreakpoint;
  readonly #changes: number;
  readonly #states = new Map<Tool, State>(TOOLS.map((tool) => [tool, 'in monolith']));
  /** Commit of each tool's plan: a plan of another commit cannot be resumed. */
  readonly #commits = new Map<Tool, string>();
  constructor(options: {
    readonly lab: Lab;
    readonly breakpoint: JournalBreakpoint;
    readonly changes: number;
  }) {
    this.#lab = options.lab;
    this.#breakpoint = options.breakpoint;
    this.#changes = options.changes;
  }

  async do(action: Action): Promise<void> {
    const { tool } = action;
    const next = await this.#carryOut(action, this.#stateOf(tool));
    this.#states.set(tool, next);
    await this.#commitUnlessBroken();
    await this.check();
  }

  /** Status and reality, tool by tool. */
  async check(): Promise<void> {
    const status = await statusOf(this.#lab);
    for (const tool of TOOLS) {
      const state = this.#stateOf(tool);
      const reported = status.get(tool);
      const { served, ...there } = await realityOf(this.#lab, tool);
      expect(served, `${tool} (${state}) answers its callers`).to.equal(true);
      if (state === 'broken') {
        expect(reported, tool).to.include({ jobStatus: 'interrupted' });
        expect(reported?.open, tool).to.be.greaterThan(0);
        continue;
      }
      const exported = state === 'exported';
      expect(Object.values(there), `${tool} (${state}): ${JSON.stringify(there)}`).to.not.include(!exported);
      expect(reported?.exported, tool).to.equal(exported);
      if (exported) expect(reported).to.include({ jobStatus: 'completed', open: this.#changes });
      else {
        expect(reported?.open, tool).to.equal(0);
        expect([null, 'rolled_back', 'cancelled'], tool).to.include(reported?.jobStatus);
      }
    }
  }

  async rollBackAll(): Promise<void> {
    for (const tool of TOOLS)
      if (this.#stateOf(tool) !== 'in monolith')
        await this.do({ kind: 'rollback', tool, at: 1, after: false });
  }

  #stateOf(tool: Tool): State {
    return this.#states.get(tool) ?? 'in monolith';
  }

  async #carryOut(action: Action, state: State): Promise<State> {
    const { kind, tool } = action;
    const exporting = ['export', `--tool-id=${tool}`, '--runtime=local', '--cutover=fenced'];
    const ready = state === 'in monolith' && !(await this.#isDirty());
    const resumable = state === 'broken' && this.#commits.get(tool) === (await this.#head());
    switch (kind) {
      case 'dry-run':
        await this.#expectCode([...exporting, '--dry-run'], dryRunCodes(ready, state));
        return state;
      case 'export':
      case 'kill':
      case 'cancel':
        return ready ? this.#export(action, exporting) : this.#refused(exporting, state);
      case 'resume':
      case 'kill-resume':
        exporting.push('--resume');
        return resumable ? this.#resume(action, exporting) : this.#refused(exporting, state);
      case 'rollback':
      case 'kill-rollback': {
        const args = ['rollback', `--tool-id=${tool}`];
        return state === 'in monolith' ? this.#refused(args, state) : this.#rollBack(action, args);
      }
    }
  }

  async #refused(args: readonly string[], state: State): Promise<State> {
    await this.#expectCode(args, [3]);
    return state;
  }

  async #export(action: Action, args: readonly string[]): Promise<State> {
    const { kind, tool } = action;
    const moment = this.#moment(action, 'started', 'done');
    if (kind === 'kill') {
      await this.#kill(args, moment);
      return this.#planned(tool, 'broken');
    }
    if (kind === 'cancel' && (await this.#cancel(args, moment))) return 'in monolith';
    if (kind === 'export') await this.#expectCode(args, [0]);
    return this.#planned(tool, 'exported');
  }

  async #resume(action: Action, args: readonly string[]): Promise<State> {
    if (action.kind === 'resume') await this.#expectCode(args, [0]);
    else if (await this.#kill(args, this.#moment(action, 'started', 'done'))) return 'broken';
    return 'exported';
  }

  async #rollBack(action: Action, args: readonly string[]): Promise<State> {
    if (action.kind === 'rollback') await this.#expectCode(args, [0]);
    else if (await this.#kill(args, this.#moment(action, 'undoing', 'undone'))) return 'broken';
    return 'in monolith';
  }

  async #expectCode(args: readonly string[], codes: readonly number[]): Promise<void> {
    const { code, stdout, stderr } = await this.#lab.gulp(...args, '--silent');
    expect(codes, `gulp ${args.join(' ')}\n${stdout}${stderr}`).to.include(code);
  }

  #moment({ at, after }: Action, before: Moment['state'], behind: Moment['state']): Moment {
    return { seq: 1 + (at % this.#changes), state: after ? behind : before };
  }

  /** `false`: the moment did not come, and the command succeeded. */
  async #kill(args: readonly string[], moment: Moment): Promise<boolean> {
    await this.#breakpoint.stopAt([moment]);
    const killed = await this.#breakpoint.killNext(() => this.#lab.spawnGulp(...args, '--silent'));
    await this.#breakpoint.stopAt([]);
    return killed !== null;
  }

  /** `false`: the export completed before the cancellation reached it. */
  async #cancel(args: readonly string[], moment: Moment): Promise<boolean> {
    await this.#breakpoint.stopAt([moment]);
    const child = this.#lab.spawnGulp(...args, '--silent');
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    child.stdout?.resume();
    child.stderr?.resume();
    await this.#breakpoint.reached(child);
    const jobs = await fetch(`${this.#lab.platformUrl}/api/tools/export/jobs?status=in_progress`);
    const { data } = (await jobs.json()) as { data: readonly { id: string }[] };
    const asked = await fetch(`${this.#lab.platformUrl}/api/tools/export/jobs/${data[0]?.id ?? ''}/cancel`, {
      method: 'POST',
    });
    expect(asked.status, await asked.text()).to.equal(202);
    await this.#breakpoint.release(moment);
    const code = await ended;
    expect([0, 130]).to.include(code);
    return code === 130;
  }

  #planned(tool: Tool, state: State): State {
    this.#commits.set(tool, this.#lastHead);
    return state;
  }

  #lastHead = '';
  async #head(): Promise<string> {
    return (this.#lastHead = (await this.#lab.run('git', 'rev-parse', 'HEAD')).stdout.trim());
  }

  async #isDirty(): Promise<boolean> {
    await this.#head();
    return (await this.#lab.run('git', 'status', '--porcelain')).stdout !== '';
  }

  /** As a user does: commits the result of an export or rollback before the next one. */
  async #commitUnlessBroken(): Promise<void> {
    if ([...this.#states.values()].includes('broken')) return;
    if (await this.#isDirty()) await this.#lab.commit('Keep what was done');
  }
}

/** Exit codes of a dry run. An interrupted job may allow it or not, depending on where it stopped. */
function dryRunCodes(ready: boolean, state: State): readonly number[] {
  if (ready) return [0];
  return state === 'broken' ? [0, 3] : [3];
}

/** Number of changes in the lab's export plan. */
export async function countChanges(lab: Lab): Promise<number> {
  const client = new pg.Client({ connectionString: await lab.databaseUrl() });
  await client.connect();
  const { rows } = await client.query<{ n: number }>(
    `SELECT jsonb_array_length(plan->'changes') AS n FROM export_jobs WHERE plan IS NOT NULL LIMIT 1`,
  );
  await client.end();
  return rows[0]?.n ?? 0;
}
