import { expect } from 'chai';
import sinon from 'sinon';
import type { Change, Plan } from '../../../contracts/plan.ts';
import type { Ports } from '../../../exporter/core/ports.ts';
import { operationsOf, type Operation, type Step, type UndoPhase } from '../../../exporter/core/step.ts';
import { executeStep, undoPhase, type Execution } from '../../../exporter/engine/executor.ts';
import { MemoryJournal } from '../support/memory-journal.ts';

const change = (target: string, kind = 'make', step: Change['step'] = 'backend'): Change => ({
  step,
  kind,
  target,
  before: null,
  after: { target },
});

const planOf = (...changes: readonly Change[]): Plan => ({ changes }) as unknown as Plan;

describe('the executor', () => {
  let log: string[];
  let journal: MemoryJournal;
  let controller: AbortController;
  /** Targets whose `run` or `undo` throws. */
  let failing: Set<string>;

  beforeEach(() => {
    log = [];
    journal = new MemoryJournal(log);
    controller = new AbortController();
    failing = new Set();
  });

  const act = (verb: string, target: string): Promise<void> => {
    log.push(`${verb} ${target}`);
    return failing.has(target) ? Promise.reject(new Error(`${target} is broken`)) : Promise.resolve();
  };
  const operation = (kind: string, undoing: UndoPhase): Operation => ({
    kind,
    undoPhase: undoing,
    plan: () => [],
    run: ({ target }) => act('run', target),
    undo: ({ target }) => act('undo', target),
    done: () => '',
    undone: () => '',
    would: () => '',
    removeByHand: ({ target }) => `rm ${target}`,
  });
  const step = { operations: [operation('make', 'folders'), operation('route', 'configuration')] };
  const execution = (): Execution => ({
    journal,
    operationOf: operationsOf([step as unknown as Step]),
    ports: { signal: controller.signal, report: { log: sinon.stub() } } as unknown as Ports,
  });

  it('writes each change to the journal before its effect and after it, in the order of the plan', async () => {
    await executeStep('backend', planOf(change('a'), change('b')), execution());
    expect(log).to.deep.equal(['started a', 'run a', 'done a', 'started b', 'run b', 'done b']);
  });

  it('runs the changes of its own step only', async () => {
    await executeStep('backend', planOf(change('a'), change('b', 'make', 'database')), execution());
    expect(log.filter((line) => line.startsWith('run'))).to.deep.equal(['run a']);
  });

  it('stops at a failing change, which stays in the journal as started', async () => {
    failing.add('a');
    const error = await executeStep('backend', planOf(change('a'), change('b')), execution()).catch(String);
    expect(error).to.equal('Error: a is broken');
    expect(log).to.deep.equal(['started a', 'run a']);
    expect(journal.rows.map(({ state }) => state)).to.deep.equal(['started']);
  });

  it('starts nothing after a cancellation', async () => {
    controller.abort(new Error('cancelled'));
    const error = await executeStep('backend', planOf(change('a')), execution()).catch(String);
    expect([error, log]).to.deep.equal(['Error: cancelled', []]);
  });

  it('resumes: skips what is done, repeats what was interrupted, and journals again what was undone', async () => {
    const plan = planOf(change('done'), change('interrupted'), change('undone'), change('new'));
    for (const [i, state] of (['done', 'started', 'undone'] as const).entries())
      journal.rows.push({ seq: i + 1, state, change: plan.changes[i]! });
    await executeStep('backend', plan, execution());
    expect(log).to.deep.equal([
      'run interrupted',
      'done interrupted',
      'restarted undone',
      'run undone',
      'done undone',
      'started new',
      'run new',
      'done new',
    ]);
  });

  it('undoes one phase, newest first, and leaves the others', async () => {
    await executeStep('backend', planOf(change('a'), change('route', 'route'), change('b')), execution());
    log.length = 0;
    expect(await undoPhase('folders', execution())).to.deep.equal([]);
    expect(log).to.deep.equal(['undoing b', 'undo b', 'undone b', 'undoing a', 'undo a', 'undone a']);
    expect(journal.rows.map(({ state }) => state)).to.deep.equal(['undone', 'done', 'undone']);
  });

  it('goes on after a failing undo, and names what it leaves with the command that removes it', async () => {
    await executeStep('backend', planOf(change('a'), change('b')), execution());
    failing.add('b');
    expect(await undoPhase('folders', execution())).to.deep.equal([
      { target: 'b', message: 'b is broken', command: 'rm b' },
    ]);
    expect(journal.rows.map(({ state }) => state)).to.deep.equal(['undone', 'undoing']);
    failing.clear();
    expect(await undoPhase('folders', execution()), 'again').to.deep.equal([]);
  });

  it('ends the rollback when the journal cannot be written: the lock is lost', async () => {
    await executeStep('backend', planOf(change('a')), execution());
    sinon.replace(journal, 'undoing', sinon.fake.rejects(new Error('lock lost')));
    log.length = 0;
    expect(await undoPhase('folders', execution()).catch(String)).to.equal('Error: lock lost');
    expect(log, 'nothing is undone').to.deep.equal([]);
  });

  it('refuses a journal of another version by name', () => {
    expect(() => execution().operationOf(change('x', 'teleport'))).to.throw(
      'This version has no operation "teleport" (x)',
    );
  });
});
