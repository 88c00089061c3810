import type { Finding } from '../../contracts/plan.ts';
import type { CheckContext } from './context.ts';

/** Findings of one kind in one file, above which only the first is shown. */
const MOST = 3;

/**
 * One import of a large file of the repository can cause many findings that are not the tool's to correct one by one. Where
 * code outside the tool has many of one kind, the first stands for all and names the import.
 */
export function groupFindings(
  findings: readonly Finding[],
  { names, graph }: Pick<CheckContext, 'names' | 'graph'>,
): readonly Finding[] {
  const groups = Map.groupBy(findings, ({ code, file }) => `${code} ${file}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group.toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0));
    if (first?.file === undefined || group.length <= MOST || first.file.startsWith(`${names.toolFolder}/`))
      return group;
    const { file } = first;
    const edge = graph.edges.find(({ target }) => target.kind === 'file' && target.path === file);
    const imported = edge === undefined ? '' : `, which ${edge.file}:${edge.line} imports,`;
    return [
      {
        ...first,
        message: `${first.message} The file${imported} has ${group.length - 1} more findings of this kind.`,
        remedy: `Import a smaller file, or for this one: ${first.remedy}`,
      },
    ];
  });
}
