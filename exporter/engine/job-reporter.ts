import type { GateVerdict } from '../../contracts/gates.ts';
import type { JobProgress, LogLevel } from '../../contracts/job.ts';
import type { StepId } from '../../contracts/plan.ts';
import { appendLog, setProgress, type Queryable } from '../../registry-api/store/jobs.ts';
import type { ReportPort } from '../core/ports.ts';
import { duration, type Reporter } from '../core/reporter.ts';

const PROGRESS_INTERVAL_MS = 300;

/** Sends the messages of operations to the terminal and, once there is a job, to its row: the API shows the same. */
export interface JobReporter extends ReportPort {
  step: StepId | null;
  /** `bytes`: moved along with the rows, where known. */
  progress(p: Parameters<ReportPort['progress']>[0] & { readonly bytes?: number }): void;
  attach(session: Queryable, jobId: string): void;
  /** Resolves when every line has reached the database. */
  flush(): Promise<void>;
}

export function createJobReporter(reporter: Reporter, gate: (verdict: GateVerdict) => void): JobReporter {
  let job: { session: Queryable; id: string } | null = null;
  /** Lines logged before there was a job. */
  const early: Parameters<typeof appendLog>[2][] = [];
  let pending: Promise<unknown> = Promise.resolve();
  let lastProgress = -Infinity;
  let begun = { kind: '', at: 0 };
  const send = (work: (j: { session: Queryable; id: string }) => Promise<void>): void => {
    const to = job;
    // Lines are optional; the journal is not, and reports a lost connection
    if (to !== null) pending = pending.then(() => work(to)).catch(() => undefined);
  };
  return {
    step: null,
    gate,
    attach(session, id) {
      job = { session, id };
      for (const line of early.splice(0)) send((j) => appendLog(j.session, j.id, line));
    },
    log(level: LogLevel, message: string) {
      reporter.tick(level, message);
      const line = { level, step: this.step, message };
      if (job === null) early.push(line);
      else send((j) => appendLog(j.session, j.id, line));
    },
    progress({ target, done, total, unit, bytes }) {
      const now = performance.now();
      // Tables that are copied in parallel count together: the estimate continues from one to the next
      const kind = `${this.step ?? ''} ${unit === 'rows' ? unit : target}`;
      if (begun.kind !== kind) begun = { kind, at: now };
      const percent = total > 0 ? Math.min(100, Math.floor((done / total) * 100)) : 0;
      const elapsed = (now - begun.at) / 1000;
      const etaSeconds =
        total > 0 && done > 0 && elapsed > 0.5 ? Math.ceil((elapsed / done) * (total - done)) : null;
      const eta = etaSeconds === null || etaSeconds < 1 ? '' : `, about ${duration(etaSeconds * 1000)} left`;
      reporter.progress(
        total > 0
          ? `${target}: ${done.toLocaleString('en')} of ${total.toLocaleString('en')} ${unit} (${percent}%${eta})`
          : target,
      );
      if (this.step === null || (now - lastProgress < PROGRESS_INTERVAL_MS && done < total)) return;
      lastProgress = now;
      const moved = bytes === undefined ? {} : { bytes };
      const row: JobProgress = { step: this.step, target, done, total, unit, ...moved, percent, etaSeconds };
      send((j) => setProgress(j.session, j.id, row));
    },
    async flush() {
      await pending;
    },
  };
}
