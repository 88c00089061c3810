import type { RegistryTool } from '#contracts/tool';

export interface ChangedField {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

/** Changes with every update, so it is not shown. */
const SILENT = new Set(['updatedAt', 'createdAt']);

/** Fields that differ between two versions of a tool; none for its registration and its removal. */
export function changedFields(
  before: RegistryTool | null,
  after: RegistryTool | null,
): readonly ChangedField[] {
  if (before === null || after === null) return [];
  const old = before as unknown as Record<string, unknown>;
  return Object.entries(after)
    .filter(([name, value]) => !SILENT.has(name) && JSON.stringify(value) !== JSON.stringify(old[name]))
    .map(([name, value]) => ({ name, before: textOf(old[name]), after: textOf(value) }));
}

function textOf(value: unknown): string {
  if (value === null || value === undefined || value === '') return '(empty)';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
