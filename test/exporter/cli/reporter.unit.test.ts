import { Writable } from 'node:stream';
import { expect } from 'chai';
import sinon from 'sinon';
import { activityLine } from '../../../exporter/cli/activity.ts';
import { createReporter } from '../../../exporter/cli/reporter.ts';
import { stepTimes } from '../../../exporter/core/reporter.ts';

describe('the activity line of a terminal', () => {
  const line = { text: 'Migrate Database', detail: null, elapsedMs: 12_345, columns: 80 };

  it('shows a spinner, the time so far and the name of the step', () => {
    expect(activityLine(line)).to.match(/^ {2}\S 12\.3s {2}Migrate Database$/);
    expect(activityLine({ ...line, elapsedMs: 12_445 })[2]).not.to.equal(activityLine(line)[2]);
  });

  it('shows the progress of the step where it is known', () => {
    expect(activityLine({ ...line, detail: 'items: 5 of 10 rows (50%)' })).to.contain('items: 5 of 10 rows');
  });

  it('is narrower than the terminal, so that one line can be erased', () => {
    expect(activityLine({ ...line, detail: 'x'.repeat(200), columns: 40 })).to.have.length(39);
  });

  it('lists the time of every step at the end', () => {
    const steps = [
      { id: 'preflight', ms: 1_234 },
      { id: 'database', ms: 95_000 },
    ];
    expect(stepTimes(steps)).to.equal('Steps: preflight 1.2s, database 1m 35s');
  });
});

describe('the reporter of a command', () => {
  let clock: sinon.SinonFakeTimers;
  let written: string;
  let stdout: PropertyDescriptor;

  beforeEach(() => {
    clock = sinon.useFakeTimers();
    written = '';
    stdout = Object.getOwnPropertyDescriptor(process, 'stdout') as PropertyDescriptor;
  });
  afterEach(() => {
    Object.defineProperty(process, 'stdout', stdout);
    clock.restore();
  });

  function reporterOn(terminal: boolean) {
    const stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        written += chunk.toString();
        done();
      },
    });
    Object.defineProperty(process, 'stdout', {
      configurable: true,
      value: Object.assign(stream, { isTTY: terminal, columns: 80 }),
    });
    return createReporter({ json: false });
  }

  it('draws the running step below the output on a terminal, and erases it', () => {
    const reporter = reporterOn(true);
    reporter.activity('Migrate Database');
    clock.tick(2_000);
    expect(written).to.match(/\S 2\.0s {2}Migrate Database$/);
    reporter.line('copied');
    expect(written.endsWith('\r\u001b[2Kcopied\n')).to.equal(true);
    reporter.activity(null);
    const length = written.length;
    clock.tick(2_000);
    expect(written).to.have.length(length);
  });

  it('prints neither a spinner nor step times without a terminal', () => {
    const reporter = reporterOn(false);
    reporter.activity('Migrate Database');
    clock.tick(5_000);
    reporter.aside('Steps: database 5.0s');
    reporter.activity(null);
    expect(written).to.equal('');
  });
});
