import type { JournalEntry } from '../../../contracts/job.ts';
import type { Change } from '../../../contracts/plan.ts';
import type { Journal } from '../../../registry-api/store/journal.ts';

/** A journal in memory, which also keeps the order of everything written to it. */
export class MemoryJournal implements Journal {
  readonly rows: { seq: number; state: JournalEntry['state']; change: Change }[] = [];
  readonly log: string[];

  constructor(log: string[] = []) {
    this.log = log;
  }

  started(change: Change): Promise<number> {
    const seq = this.rows.length + 1;
    this.rows.push({ seq, state: 'started', change });
    this.log.push(`started ${change.target}`);
    return Promise.resolve(seq);
  }
  restarted = (seq: number): Promise<void> => this.#set(seq, 'started', 'restarted');
  done = (seq: number): Promise<void> => this.#set(seq, 'done');
  undoing = (seq: number): Promise<void> => this.#set(seq, 'undoing');
  undone = (seq: number): Promise<void> => this.#set(seq, 'undone');
  entries = (): Promise<readonly JournalEntry[]> =>
    Promise.resolve(this.rows.map((row) => ({ ...row })) as readonly JournalEntry[]);

  #set(seq: number, state: JournalEntry['state'], word: string = state): Promise<void> {
    const row = this.rows.find((one) => one.seq === seq);
    if (row === undefined) return Promise.reject(new Error(`entry ${seq} is missing`));
    row.state = state;
    this.log.push(`${word} ${row.change.target}`);
    return Promise.resolve();
  }
}
