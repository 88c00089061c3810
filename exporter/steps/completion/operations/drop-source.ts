import path from 'node:path';
import type { Change } from '../../../../contracts/plan.ts';
import type { DropSpec } from '../../../../extraction/archive/archive-api.ts';
import { countTables, noUndo, type Completion } from '../completion.ts';

export type DropSource = Change<'drop-source', DropSpec>;

/** Drops the monolith's tables, if all of their rows are archived and nothing else depends on them. */
export const dropSource: Completion<DropSource> = {
  kind: 'drop-source',
  title: "Dropping the monolith's tables",
  undoPhase: 'database',
  plan({ dropSource: wanted, archived, archive, names, fence, tablesThere }) {
    if (!wanted || archived === null || !tablesThere) return [];
    const after = {
      plan: archived,
      folder: archive,
      owner: names.monolithOwnerRole,
      fences: fence === null ? [] : [fence],
    };
    const target = archived.tables.map(({ name }) => name).join(', ');
    return [{ step: 'database', kind: 'drop-source', target, before: null, after }];
  },
  async run({ after }, ports) {
    const folder = path.resolve(ports.root, after.folder);
    for (const kept of await ports.archive.drop({ ...after, folder }))
      ports.report.log('warning', `Kept in the monolith: ${kept}`);
  },
  undo: noUndo,
  done: ({ after }) => `Dropped with their fence: ${countTables(after.plan.tables.length)} of the monolith`,
  undone: () => '',
  wouldUndo: () => '',
  would: ({ target }) => `Would drop in the monolith: ${target}`,
};
