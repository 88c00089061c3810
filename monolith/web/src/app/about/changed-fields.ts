import type { RegistryTool } from '#contracts/tool';

export interface ChangedField {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

/** Follows from every change and says nothing. */
const SILENT = new Set(['updatedAt', 'createdAt']);

/** What differs between two versions of a tool; nothing for its registration and its removal. */
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
