import type { GateVerdict } from '../../contracts/gates.ts';
import type { CutoverPhase, JobProgress, LogLevel } from '../../contracts/job.ts';
import type { StepId } from '../../contracts/plan.ts';
import { appendLog, setProgress } from '../../registry-api/store/jobs.ts';
import type { Queryable } from '../../registry-api/store/pool.ts';
import type { ReportPort } from '../core/ports.ts';
import { duration, type Reporter } from '../core/reporter.ts';

const PROGRESS_INTERVAL_MS = 300;

const PHASE_LINES: Readonly<Record<CutoverPhase, (target: string) => string>> = {
  copying: () => 'Copying, while writes go on',
  'catching up': (lag) => `Catching up with the writes since: ${lag}`,
  waiting: (reason) => `Waiting, while writes go on, for ${reason}`,
  switching: (pause) => `Switching: ${pause}`,
  verifying: () => 'Verifying the rows of the moment of the switch, while writes go on',
};

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
  /** Those that the log has named: attempts to switch repeat them. */
  const phases = new Set<CutoverPhase>();
  let latest: JobProgress | null = null;
  let timer: NodeJS.Timeout | undefined;
  const sendLatest = (): void => {
    timer = undefined;
    lastProgress = performance.now();
    const row = latest;
    send((j) => setProgress(j.session, j.id, row));
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
    progress({ phase, target, done, total, unit, bytes }) {
      if (phase !== undefined && !phases.has(phase)) {
        phases.add(phase);
        this.log('info', PHASE_LINES[phase](target));
      }
      const now = performance.now();
      // Tables that are copied in parallel count together: the estimate continues from one to the next
      const kind = `${this.step ?? ''} ${phase ?? ''} ${unit === 'rows' || phase !== undefined ? unit : target}`;
      if (begun.kind !== kind) begun = { kind, at: now };
      const left = secondsLeft({ done, total, elapsed: (now - begun.at) / 1000 });
      const percent = percentOf(done, total);
      const eta = left === null ? '' : `, about ${duration(left * 1000)} left`;
      const what = phase === undefined ? target : `${phase}: ${target}`;
      reporter.progress(
        total > 0
          ? `${what}: ${done.toLocaleString('en')} of ${total.toLocaleString('en')} ${unit} (${percent}%${eta})`
          : what,
      );
      if (this.step === null) return;
      const moved = bytes === undefined ? {} : { bytes };
      const within = phase === undefined ? {} : { phase };
      latest = { step: this.step, ...within, target, done, total, unit, ...moved, percent, etaSeconds: left };
      // The last progress of a burst is sent, too: it may stand for minutes
      timer ??= setTimeout(sendLatest, Math.max(0, lastProgress + PROGRESS_INTERVAL_MS - now)).unref();
    },
    async flush() {
      clearTimeout(timer);
      timer = undefined;
      await pending;
    },
  };
}

/** At most 99: a step is complete when it has ended, which its status says. */
const percentOf = (done: number, total: number): number =>
  total > 0 ? Math.min(99, Math.floor((done / total) * 100)) : 0;

/** `null` where it cannot be told, and for less than a second. */
function secondsLeft(progress: {
  readonly done: number;
  readonly total: number;
  readonly elapsed: number;
}): number | null {
  const { done, total, elapsed } = progress;
  if (done <= 0 || elapsed <= 0.5) return null;
  const seconds = Math.ceil((elapsed / done) * (total - done));
  return seconds < 1 ? null : seconds;
}
