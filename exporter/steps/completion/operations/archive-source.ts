import path from 'node:path';
import type { Change } from '../../../../contracts/plan.ts';
import type { ArchiveSpec } from '../../../../extraction/archive/archive-api.ts';
import type { Ports } from '../../../core/ports.ts';
import { shellQuote } from '../../../core/shell-command.ts';
import { countTables, type Completion } from '../completion.ts';

export type ArchiveSource = Change<'archive-source', ArchiveSpec>;

/** Writes the monolith's tables to a folder, and verifies the files by loading them. */
export const archiveSource: Completion<ArchiveSource> = {
  kind: 'archive-source',
  title: "Archiving the monolith's tables",
  undoPhase: 'database',
  plan({ source, archive, names, jobId }) {
    const plan = source?.plan ?? null;
    if (source === null || plan === null) return [];
    const after: ArchiveSpec = {
      toolId: names.toolFolder.replace(/^tools\//, ''),
      jobId,
      folder: archive,
      plan,
      checkedIn: `${names.sql}_archive`,
      locale: source.locale,
      remarks: source.remarks,
    };
    return [{ step: 'database', kind: 'archive-source', target: archive, before: null, after }];
  },
  async run({ after }, ports) {
    const { tables, remarks } = await ports.archive.write(
      { ...after, folder: folderOf(after, ports) },
      ports,
    );
    const rows = tables.reduce((sum, table) => sum + table.rows, 0);
    ports.report.log(
      'success',
      `Archived ${countTables(tables.length)} (${rows.toLocaleString('en-US')} rows) in ${after.folder}`,
    );
    ports.report.log('success', 'Archive loaded, and every row compared');
    for (const remark of remarks) ports.report.log('warning', `Not archived: ${remark}`);
  },
  async undo({ after }, ports) {
    await ports.archive.remove({ ...after, folder: folderOf(after, ports) });
  },
  done: () => '',
  undone: ({ target }) => `Archive ${target} removed`,
  wouldUndo: ({ target }) => `Delete archive ${target}`,
  would: ({ target, after }) =>
    `Would archive ${countTables(after.plan.tables.length)} in ${target}, and verify the archive by loading it`,
  removeByHand: ({ target }) => `rm -rf ${shellQuote(target)} ${shellQuote(`${target}.partial`)}`,
};

const folderOf = ({ folder }: ArchiveSpec, { root }: Pick<Ports, 'root'>): string =>
  path.resolve(root, folder);
