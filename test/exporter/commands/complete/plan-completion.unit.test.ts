import { expect } from 'chai';
import type { JournalEntry } from '../../../../contracts/job.ts';
import { namesOf } from '../../../../contracts/naming.ts';
import { parseToolId } from '../../../../contracts/ids.ts';
import type { FenceSpec } from '../../../../extraction/api.ts';
import { planCompletion } from '../../../../exporter/commands/complete/plan-completion.ts';
import type { LiveTables } from '../../../../exporter/core/streams.ts';
import {
  END_WAY_BACK,
  noUndo,
  type CompletionFacts,
} from '../../../../exporter/steps/completion/completion.ts';
import { COMPLETION } from '../../../../exporter/steps/completion/index.ts';

const source = { server: { kind: 'source' } as const, database: 'platform' };
const service = { server: { kind: 'source' } as const, database: 'crm_db' };
const plan = { tables: [{ name: 'public.crm' }], before: [] } as never;
const fence: FenceSpec = { toolId: 'crm', toolName: 'CRM', takenOverBy: 'crm-api', tables: ['public.crm'] };
const live: LiveTables = {
  plan,
  service,
  out: { name: 'crm_db_out', from: source, to: service, tables: ['public.crm'] },
  back: { name: 'crm_db_back', from: service, to: source, tables: ['public.crm'] },
  fences: { source: fence, service: { ...fence, takenOverBy: 'the monolith' } },
};
const facts: CompletionFacts = {
  names: namesOf(parseToolId('crm')),
  jobId: 'job',
  archive: '.platform/archive/crm-job',
  live: null,
  fence,
  service,
  source: { plan, locale: {} as never, obstacles: [], dependents: [], remarks: [] },
  archived: plan,
  tablesThere: true,
  dropSource: false,
  removeCode: false,
  codeThere: true,
};
const without: CompletionFacts = { ...facts, fence: null, source: null, archived: null, tablesThere: false };

const kinds = (of: CompletionFacts, entries: readonly JournalEntry[] = []): readonly string[] =>
  planCompletion(COMPLETION, entries, of).map(({ change }) => change.kind);

const entry = (seq: number, kind: string, state: JournalEntry['state']): JournalEntry => ({
  seq,
  state,
  change: { step: 'database', kind, target: `recorded ${kind}`, before: null, after: null },
});

describe('the plan of a completion', () => {
  it('pauses the stream, archives and ends the way back of a live export', () => {
    expect(kinds({ ...facts, live })).to.deep.equal(['pause-stream', 'archive-source', END_WAY_BACK]);
  });

  it('has no stream to pause for a fenced export, and frees the fence of its service', () => {
    const changes = planCompletion(COMPLETION, [], facts).map(({ change }) => change);
    expect(changes.map(({ kind }) => kind)).to.deep.equal(['archive-source', END_WAY_BACK]);
    expect(changes[1]!.after).to.deep.include({
      streams: [],
      service: { fence: { ...fence, takenOverBy: 'the monolith' }, at: service },
    });
  });

  it('drops tables and removes code only when each is requested, as the last changes', () => {
    const all = kinds({ ...facts, dropSource: true, removeCode: true });
    expect(all).to.deep.equal(['archive-source', END_WAY_BACK, 'drop-source', 'remove-code']);
    expect(kinds({ ...facts, dropSource: true })).not.to.include('remove-code');
    expect(kinds({ ...facts, removeCode: true })).not.to.include('drop-source');
  });

  it('only ends the way back of a tool without tables', () => {
    expect(kinds({ ...without, dropSource: true })).to.deep.equal([END_WAY_BACK]);
  });

  it('makes every change that can be undone before the first that cannot', () => {
    const final = COMPLETION.map((effect) => effect.undo === noUndo);
    expect(final).to.deep.equal(final.toSorted((a, b) => Number(a) - Number(b)));
    expect(COMPLETION.find((effect) => effect.undo === noUndo)?.kind).to.equal(END_WAY_BACK);
  });

  it('continues a killed run: repeats the change that had begun as it was recorded, and skips those made', () => {
    const entries = [entry(30, 'pause-stream', 'done'), entry(31, 'archive-source', 'started')];
    const left = planCompletion(COMPLETION, entries, { ...facts, live, source: null });
    expect(left.map(({ change, seq }) => [change.target, seq])).to.deep.equal([
      ['recorded archive-source', 31],
      ['crm-api', null],
    ]);
  });

  it('continues a drop that has begun without its flag', () => {
    const entries = [entry(32, END_WAY_BACK, 'done'), entry(33, 'drop-source', 'started')];
    expect(kinds({ ...facts, source: null }, entries)).to.deep.equal(['drop-source']);
  });

  it('plans changes anew that a failed run has undone', () => {
    const entries = [entry(30, 'pause-stream', 'undone'), entry(31, 'archive-source', 'undone')];
    expect(kinds({ ...facts, live }, entries)).to.deep.equal([
      'pause-stream',
      'archive-source',
      END_WAY_BACK,
    ]);
  });

  it('writes another archive when the first one is gone and the tables are there', () => {
    const entries = [entry(31, 'archive-source', 'done'), entry(32, END_WAY_BACK, 'done')];
    expect(kinds({ ...facts, source: null, dropSource: true }, entries)).to.deep.equal(['drop-source']);
    expect(kinds({ ...facts, dropSource: true }, entries)).to.deep.equal(['archive-source', 'drop-source']);
  });

  it('has nothing left to do when all is done', () => {
    const entries = [entry(31, 'archive-source', 'done'), entry(32, END_WAY_BACK, 'done')];
    expect(
      kinds({ ...without, dropSource: true, removeCode: true, codeThere: false }, entries),
    ).to.deep.equal([]);
  });
});
