import { expect } from 'chai';
import pg from 'pg';
import type { JournalGate, Moment } from './journal-gate.ts';
import type { Lab } from './lab.ts';
import { realityOf, statusOf, TOOLS, type Tool } from './two-tools.ts';

/** What somebody does to a tool. `at` picks the change at which it is killed or cancelled, from all that there are. */
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

/** `broken`: an export or a rollback died, and effects are there that nobody looks after. */
type State = 'home' | 'exported' | 'broken';

/**
 * Two tools as they should be after any sequence of actions. Every action is carried out by the real commands; what they
 * answer, what `gulp status` says and what there really is must agree with the few rules here.
 */
export class ExportModel {
  readonly #lab: Lab;
  readonly #gate: JournalGate;
  readonly #changes: number;
  readonly #states = new Map<Tool, State>(TOOLS.map((tool) => [tool, 'home']));
  /** Commit of each tool's plan: a plan of another commit is not gone on with. */
  readonly #commits = new Map<Tool, string>();
  constructor(options: { readonly lab: Lab; readonly gate: JournalGate; readonly changes: number }) {
    this.#lab = options.lab;
    this.#gate = options.gate;
    this.#changes = options.changes;
  }

  async do(action: Action): Promise<void> {
    const { tool } = action;
    const next = await this.#carryOut(action, this.#stateOf(tool));
    this.#states.set(tool, next);
    await this.#commitWhenWhole();
    await this.check();
  }

  /** Status and reality, tool by tool. */
  async check(): Promise<void> {
    const status = await statusOf(this.#lab);
    for (const tool of TOOLS) {
      const state = this.#stateOf(tool);
      const said = status.get(tool);
      const { served, ...there } = await realityOf(this.#lab, tool);
      expect(served, `${tool} (${state}) answers its callers`).to.equal(true);
      if (state === 'broken') {
        expect(said, tool).to.include({ jobStatus: 'interrupted' });
        expect(said?.open, tool).to.be.greaterThan(0);
        continue;
      }
      const exported = state === 'exported';
      expect(Object.values(there), `${tool} (${state}): ${JSON.stringify(there)}`).to.not.include(!exported);
      expect(said?.exported, tool).to.equal(exported);
      if (exported) expect(said).to.include({ jobStatus: 'completed', open: this.#changes });
      else {
        expect(said?.open, tool).to.equal(0);
        expect([null, 'rolled_back', 'cancelled'], tool).to.include(said?.jobStatus);
      }
    }
  }

  /** Takes everything back. */
  async goHome(): Promise<void> {
    for (const tool of TOOLS)
      if (this.#stateOf(tool) !== 'home') await this.do({ kind: 'rollback', tool, at: 1, after: false });
  }

  #stateOf(tool: Tool): State {
    return this.#states.get(tool) ?? 'home';
  }

  async #carryOut(action: Action, state: State): Promise<State> {
    const { kind, tool } = action;
    const fresh = [`--tool-id=${tool}`, '--runtime=local'];
    const ready = state === 'home' && !(await this.#isDirty());
    const stale = state === 'broken' && this.#commits.get(tool) !== (await this.#head());
    switch (kind) {
      case 'dry-run':
        await this.#expectCode(
          ['export', ...fresh, '--dry-run'],
          ready ? [0] : state === 'broken' ? [0, 3] : [3],
        );
        return state;
      case 'export':
        await this.#expectCode(['export', ...fresh], [ready ? 0 : 3]);
        return ready ? this.#planned(tool, 'exported') : state;
      case 'kill':
        if (!ready) return this.#carryOut({ ...action, kind: 'export' }, state);
        await this.#kill(['export', ...fresh], this.#moment(action, 'started', 'done'));
        return this.#planned(tool, 'broken');
      case 'cancel':
        if (!ready) return this.#carryOut({ ...action, kind: 'export' }, state);
        return (await this.#cancel(['export', ...fresh], this.#moment(action, 'started', 'done')))
          ? 'home'
          : this.#planned(tool, 'exported');
      case 'resume':
        await this.#expectCode(['export', ...fresh, '--resume'], [state !== 'broken' || stale ? 3 : 0]);
        return state !== 'broken' || stale ? state : 'exported';
      case 'kill-resume': {
        if (state !== 'broken' || stale) return this.#carryOut({ ...action, kind: 'resume' }, state);
        const killed = await this.#kill(
          ['export', ...fresh, '--resume'],
          this.#moment(action, 'started', 'done'),
        );
        return killed ? 'broken' : 'exported';
      }
      case 'rollback':
        await this.#expectCode(['rollback', `--tool-id=${tool}`], [state === 'home' ? 3 : 0]);
        return 'home';
      case 'kill-rollback': {
        if (state === 'home') return this.#carryOut({ ...action, kind: 'rollback' }, state);
        const killed = await this.#kill(
          ['rollback', `--tool-id=${tool}`],
          this.#moment(action, 'undoing', 'undone'),
        );
        return killed ? 'broken' : 'home';
      }
    }
  }

  async #expectCode(args: readonly string[], codes: readonly number[]): Promise<void> {
    const { code, stdout, stderr } = await this.#lab.gulp(...args, '--silent');
    expect(codes, `gulp ${args.join(' ')}\n${stdout}${stderr}`).to.include(code);
  }

  #moment({ at, after }: Action, before: Moment['state'], behind: Moment['state']): Moment {
    return { seq: 1 + (at % this.#changes), state: after ? behind : before };
  }

  /** `false`: the moment did not come, and the command ended well. */
  async #kill(args: readonly string[], moment: Moment): Promise<boolean> {
    await this.#gate.stopAt([moment]);
    const killed = await this.#gate.killNext(() => this.#lab.spawnGulp(...args, '--silent'));
    await this.#gate.stopAt([]);
    return killed !== null;
  }

  /** `false`: asked so late that the export was done before it heard of it. */
  async #cancel(args: readonly string[], moment: Moment): Promise<boolean> {
    await this.#gate.stopAt([moment]);
    const child = this.#lab.spawnGulp(...args, '--silent');
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    child.stdout?.resume();
    child.stderr?.resume();
    await this.#gate.reached(child);
    const jobs = await fetch(`${this.#lab.platformUrl}/api/tools/export/jobs?status=in_progress`);
    const { data } = (await jobs.json()) as { data: readonly { id: string }[] };
    const asked = await fetch(`${this.#lab.platformUrl}/api/tools/export/jobs/${data[0]?.id ?? ''}/cancel`, {
      method: 'POST',
    });
    expect(asked.status, await asked.text()).to.equal(202);
    await this.#gate.release(moment);
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

  /** As a user would: what an export or a rollback has finished is committed before the next begins. */
  async #commitWhenWhole(): Promise<void> {
    if ([...this.#states.values()].includes('broken')) return;
    if (await this.#isDirty()) await this.#lab.commit('Keep what was done');
  }
}

/** Number of changes that an export of a tool of the lab makes. */
export async function countChanges(lab: Lab): Promise<number> {
  const client = new pg.Client({ connectionString: await lab.databaseUrl() });
  await client.connect();
  const { rows } = await client.query<{ n: number }>(
    `SELECT jsonb_array_length(plan->'changes') AS n FROM export_jobs WHERE plan IS NOT NULL LIMIT 1`,
  );
  await client.end();
  return rows[0]?.n ?? 0;
}
