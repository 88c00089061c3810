import type { KindToNodeMappings, Node, SourceFile, SyntaxKind } from 'ts-morph';

const all = new WeakMap<SourceFile, readonly Node[]>();
const byKind = new WeakMap<SourceFile, ReadonlyMap<SyntaxKind, readonly Node[]>>();

/**
 * Every node below a file, parents first, without punctuation. A file is walked once for all checks, so it must not be
 * changed afterwards.
 */
export function nodesOf(source: SourceFile): readonly Node[] {
  const known = all.get(source);
  if (known !== undefined) return known;
  const nodes: Node[] = [];
  source.forEachDescendant((node) => void nodes.push(node));
  all.set(source, nodes);
  return nodes;
}

/** The nodes of one kind among {@link nodesOf}. */
export function nodesOfKind<K extends SyntaxKind>(
  source: SourceFile,
  kind: K,
): readonly KindToNodeMappings[K][] {
  const known = byKind.get(source) ?? Map.groupBy(nodesOf(source), (node) => node.getKind());
  byKind.set(source, known);
  return (known.get(kind) ?? []) as readonly KindToNodeMappings[K][];
}

/**
 * Frees the nodes of a file, which take ten times the memory of its text. Nodes of it that are kept elsewhere can no
 * longer be used; later reads of the file make new ones.
 */
export function forgetNodes(source: SourceFile): void {
  all.delete(source);
  byKind.delete(source);
  source.forgetDescendants();
}
