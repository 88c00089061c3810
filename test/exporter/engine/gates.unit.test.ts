import { expect } from 'chai';
import sinon from 'sinon';
import { GATES } from '../../../contracts/gates.ts';
import type { Reporter } from '../../../exporter/core/reporter.ts';
import { gatesOf, noteGate, printGates } from '../../../exporter/engine/gates.ts';
import { JobMemory } from '../../../exporter/engine/job-memory.ts';

describe('the gates of an export', () => {
  it('lists all gates of an export in order, whatever has run', () => {
    const gates = gatesOf(new JobMemory(), 'docker', 'never reached');
    expect(gates.map(({ gate }) => gate)).to.deep.equal(GATES.map(({ gate }) => gate));
    expect(new Set(gates.map(({ outcome, detail }) => `${outcome}: ${detail ?? ''}`))).to.deep.equal(
      new Set(['not-run: never reached']),
    );
  });

  it('reports the latest verdict of a gate', () => {
    const memory = new JobMemory();
    noteGate(memory, { gate: 'nginx-test', outcome: 'passed' });
    noteGate(memory, { gate: 'nginx-test', outcome: 'failed', detail: 'unexpected }' });
    expect(gatesOf(memory, 'local', '').find(({ gate }) => gate === 'nginx-test')).to.deep.equal({
      step: 'infrastructure',
      gate: 'nginx-test',
      outcome: 'failed',
      detail: 'unexpected }',
    });
  });

  it('names the runtime that a gate needs', () => {
    const detail = (runtime: 'docker' | 'local'): string | undefined =>
      gatesOf(new JobMemory(), runtime, 'never reached').find(({ gate }) => gate === 'image-build')?.detail;
    expect(detail('local')).to.contain('--runtime=docker');
    expect(detail('docker')).to.equal('never reached');
  });

  it('counts gates on the terminal, and names those that failed or did not run', () => {
    const memory = new JobMemory();
    for (const { gate } of GATES.slice(0, -2)) noteGate(memory, { gate, outcome: 'passed' });
    noteGate(memory, { gate: 'gateway-route', outcome: 'failed' });
    const reporter = { line: sinon.spy(), tick: sinon.spy() };
    printGates(reporter as unknown as Reporter, gatesOf(memory, 'docker', 'the export failed before them'));
    expect(reporter.line.args).to.deep.equal([
      [`Gates: ${GATES.length - 2} passed, 1 failed, 1 not run: the export failed before them`],
    ]);
    expect(reporter.tick.args).to.deep.equal([['error', 'Gateway routing failed']]);
  });

  it('reports gates that were not run in one line, and names only those with another reason', () => {
    const reporter = { line: sinon.spy(), tick: sinon.spy() };
    printGates(reporter as unknown as Reporter, gatesOf(new JobMemory(), null, 'the export was refused'));
    expect(reporter.line.args).to.deep.equal([
      [`Gates: 0 passed, ${GATES.length} not run: the export was refused`],
    ]);
    expect(reporter.tick.args).to.deep.equal([]);
    printGates(
      reporter as unknown as Reporter,
      gatesOf(new JobMemory(), 'local', 'a dry run builds nothing'),
    );
    expect(reporter.tick.args).to.deep.equal([
      ['warning', 'Images not run: only --runtime=docker builds images'],
    ]);
  });

  it('writes each verdict of a gate to the job at once, so that it survives the process', async () => {
    const query = sinon.stub().resolves({ rows: [] });
    const memory = new JobMemory();
    memory.attach({ query }, 'J');
    noteGate(memory, { gate: 'lint', outcome: 'passed' });
    await Promise.resolve();
    expect(query.args.map(([, values]: unknown[]) => values)).to.deep.equal([
      ['J', 'gates', JSON.stringify([{ gate: 'lint', outcome: 'passed' }])],
    ]);
    const next = new JobMemory();
    next.load({ gates: [{ gate: 'lint', outcome: 'passed' }] });
    expect(gatesOf(next, 'local', '').find(({ gate }) => gate === 'lint')?.outcome).to.equal('passed');
  });

  it('continues the export when a verdict of a gate cannot be written', async () => {
    const memory = new JobMemory();
    memory.attach({ query: sinon.stub().rejects(new Error('connection lost')) }, 'J');
    noteGate(memory, { gate: 'lint', outcome: 'passed' });
    await new Promise((resolve) => setImmediate(resolve));
    expect(gatesOf(memory, 'local', '').find(({ gate }) => gate === 'lint')?.outcome).to.equal('passed');
  });
});
