import { HttpClient } from '@angular/common/http';
import { Injectable, inject } from '@angular/core';
import type { Observable } from 'rxjs';
import type { CommandReport, Job, JobOptions } from '#contracts/job';

const JOBS = '/api/tools/export/jobs';

/** The API of exports: start, preview and roll back. */
@Injectable({ providedIn: 'root' })
export class ExportsApi {
  private readonly http = inject(HttpClient);

  start(toolId: string, options: JobOptions): Observable<Job> {
    // A click that is sent twice (an impatient reader, a retried connection) starts one job.
    const headers = { 'Idempotency-Key': crypto.randomUUID() };
    return this.http.post<Job>(`/api/tools/${encodeURIComponent(toolId)}/export`, options, { headers });
  }

  job(jobId: string): Observable<Job> {
    return this.http.get<Job>(`${JOBS}/${encodeURIComponent(jobId)}`);
  }

  cancel(jobId: string): Observable<Job> {
    return this.http.post<Job>(`${JOBS}/${encodeURIComponent(jobId)}/cancel`, {});
  }

  /** `writes`: whether rows that the service has written are synced back or discarded; `null` when there are none. */
  rollback(jobId: string, writes: 'bring-back' | 'discard' | null): Observable<Job> {
    const options = {
      ...(writes === 'bring-back' ? { bringBack: true } : {}),
      ...(writes === 'discard' ? { discardWrites: true } : {}),
    };
    return this.http.post<Job>(`${JOBS}/${encodeURIComponent(jobId)}/rollback`, options);
  }

  /** Every check and the whole plan; changes nothing. */
  planExport(toolId: string, options: Omit<JobOptions, 'dryRun'>): Observable<CommandReport> {
    return this.http.post<CommandReport>('/api/preview/export', { toolId, ...options });
  }

  /** The changes that a rollback would undo; changes nothing. */
  planRollback(jobId: string): Observable<CommandReport> {
    return this.http.post<CommandReport>('/api/preview/rollback', { jobId });
  }
}
