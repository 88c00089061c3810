import { expect } from 'chai';
import sinon from 'sinon';
import type { Change, Plan } from '../../../contracts/plan.ts';
import type { Ports } from '../../../exporter/core/ports.ts';
import {
  operationsOf,
  UNDO_PHASES,
  type Operation,
  type Step,
  type UndoPhase,
} from '../../../exporter/core/step.ts';
import {
  entriesOf,
  executeStep,
  undoOutdatedRows,
  undoPhase,
  type Execution,
} from '../../../exporter/engine/executor.ts';
import { PIPELINE } from '../../../exporter/pipeline.ts';
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
    wouldUndo: () => '',
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

  it('keeps a change as started when the export is cancelled while it runs', async () => {
    const plan = planOf(change('a'), change('b'));
    const run = (): Promise<void> => {
      controller.abort(new Error('cancelled'));
      return Promise.resolve();
    };
    const cancelling = { ...step.operations[0]!, run };
    const operationOf = operationsOf([{ operations: [cancelling] } as unknown as Step]);
    const error = await executeStep('backend', plan, { ...execution(), operationOf }).catch(String);
    expect([error, log]).to.deep.equal(['Error: cancelled', ['started a']]);
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

  describe('with a change that protects rows', () => {
    const guard: Operation = { ...operation('guard', 'configuration'), protectsRows: true };
    const guarded = { operations: [guard, operation('copy', 'database'), ...step.operations] };
    const withGuard = (): Execution => ({
      ...execution(),
      operationOf: operationsOf([guarded as unknown as Step]),
    });
    const plan = planOf(
      change('roles', 'copy', 'database'),
      change('fence', 'guard', 'database'),
      change('rows', 'copy', 'database'),
      change('indexes', 'copy', 'database'),
      change('files', 'make'),
    );
    beforeEach(async () => {
      for (const id of ['database', 'backend'] as const) await executeStep(id, plan, withGuard());
    });

    it('leaves it in place while rows of the service are missing in the monolith', async () => {
      await undoPhase('configuration', withGuard(), ({ protectsRows }) => protectsRows === true);
      expect(journal.rows.find((row) => row.change.target === 'fence')?.state).to.equal('done');
      await undoPhase('configuration', withGuard());
      expect(journal.rows.find((row) => row.change.target === 'fence')?.state).to.equal('undone');
    });

    it('undoes copies, newest first, and repeats them when a rollback had opened the tables before the export is resumed', async () => {
      await undoPhase('configuration', withGuard());
      log.length = 0;
      await undoOutdatedRows(withGuard());
      await executeStep('database', plan, withGuard());
      expect(log.filter((line) => /^(run|undo) /.test(line))).to.deep.equal([
        'undo indexes',
        'undo rows',
        'run fence',
        'run rows',
        'run indexes',
      ]);
    });

    it('copies nothing again when the tables have stayed closed', async () => {
      log.length = 0;
      await undoOutdatedRows(withGuard());
      expect(log).to.deep.equal([]);
    });
  });

  it('opens the tables of the monolith after the route and before the service is stopped', () => {
    const operationOf = operationsOf(PIPELINE);
    const entries = PIPELINE.flatMap(({ operations }) => operations).map(({ kind }, index) => ({
      ...{ seq: index + 1, state: 'done' as const },
      change: change(kind, kind),
    }));
    const order = UNDO_PHASES.flatMap((phase) => entriesOf(phase, entries, operationOf)).map(
      (entry) => entry.change.kind,
    );
    expect(order.indexOf('fence-tables')).to.be.greaterThan(order.indexOf('switch-route'));
    for (const kind of ['start-containers', 'start-service', 'copy-tables', 'start-database-container'])
      expect(order.indexOf('fence-tables'), kind).to.be.lessThan(order.indexOf(kind));
  });
});
