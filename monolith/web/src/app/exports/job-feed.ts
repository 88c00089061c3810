import { DestroyRef, Injectable, computed, inject, signal } from '@angular/core';
import { firstValueFrom } from 'rxjs';
import { isAtWork, type Job, type JobLog } from '#contracts/job';
import { problemOf, type Problem } from '../core/problem';
import { ExportsApi } from './exports-api';

type JobState = Partial<Omit<Job, 'logs'>>;

const LOOK_AGAIN_MS = 3000;

/**
 * One job, live. The browser's EventSource reconnects by itself and sends the number of the last line; lines are kept by
 * their number, so that a line sent twice is shown once, and in order.
 */
@Injectable()
export class JobFeed {
  private readonly api = inject(ExportsApi);
  private readonly state = signal<Job | null>(null);
  private readonly lines = signal<readonly JobLog[]>([]);
  private source: EventSource | null = null;
  private timer: ReturnType<typeof setInterval> | null = null;
  private jobId = '';

  readonly job = this.state.asReadonly();
  readonly logs = this.lines.asReadonly();
  readonly problem = signal<Problem | null>(null);
  /** False while the stream is being opened again. */
  readonly connected = signal(true);
  /** While an export or a rollback is requested or at work. */
  readonly running = computed(() => {
    const job = this.state();
    return job !== null && isAtWork(job);
  });

  constructor() {
    inject(DestroyRef).onDestroy(() => this.stop());
  }

  /** Follows a job from its first line; leaves the one before. */
  follow(jobId: string): void {
    this.stop();
    this.jobId = jobId;
    this.state.set(null);
    this.lines.set([]);
    this.problem.set(null);
    void this.load().then(() => {
      if (this.problem() === null) this.listen();
    });
    // A completed job may be rolled back from a terminal, so its state is polled slowly.
    this.timer = setInterval(() => {
      if (this.source === null && document.visibilityState === 'visible') void this.load();
    }, LOOK_AGAIN_MS);
  }

  /** Reads the whole job again, and reopens the stream when the job is running. */
  async load(): Promise<void> {
    const jobId = this.jobId;
    try {
      const job = await firstValueFrom(this.api.job(jobId));
      if (jobId !== this.jobId) return;
      this.state.set(job);
      this.add(job.logs);
      this.problem.set(null);
      if (this.running() && this.source === null) this.listen();
      // A job that has ended sends no more events
      if (!this.running()) this.connected.set(true);
    } catch (error) {
      if (jobId === this.jobId && this.state() === null) this.problem.set(problemOf(error));
    }
  }

  /** Shows the answer to a request, before the stream has reported it. */
  accept(job: Job): void {
    if (job.id !== this.jobId) return;
    this.patch(job);
    if (this.running() && this.source === null) this.listen();
  }

  private listen(): void {
    this.source?.close();
    const source = new EventSource(`/api/tools/export/jobs/${encodeURIComponent(this.jobId)}/events`);
    this.source = source;
    source.onopen = () => this.connected.set(true);
    source.onerror = () => {
      this.connected.set(false);
      if (source.readyState !== EventSource.CLOSED || this.source !== source) return;
      // The browser has given up because the server refused: the timer retries slowly.
      this.source = null;
    };
    source.addEventListener('log', (event: MessageEvent<string>) =>
      this.add([JSON.parse(event.data) as JobLog]),
    );
    source.addEventListener('job', (event: MessageEvent<string>) => {
      this.patch(JSON.parse(event.data) as JobState);
    });
    source.addEventListener('end', () => this.end(source));
  }

  /** Reads the job once more after the stream has ended, so that no line written last is missed. */
  private end(source: EventSource): void {
    source.close();
    if (this.source !== source) return;
    this.source = null;
    this.connected.set(true);
    void this.load();
  }

  private patch(change: Partial<Job>): void {
    const now = this.state();
    if (now !== null) this.state.set({ ...now, ...change, logs: now.logs });
  }

  private add(logs: readonly JobLog[]): void {
    const known = this.lines();
    const last = known.at(-1)?.seq ?? 0;
    if (logs.every((line, i) => line.seq === last + 1 + i)) {
      if (logs.length > 0) this.lines.set([...known, ...logs]);
      return;
    }
    const bySeq = new Map([...known, ...logs].map((line) => [line.seq, line]));
    this.lines.set([...bySeq.values()].sort((a, b) => a.seq - b.seq));
  }

  private stop(): void {
    this.source?.close();
    this.source = null;
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
    this.jobId = '';
  }
}
