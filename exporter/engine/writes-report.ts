import { PlatformError } from '../../contracts/errors.ts';
import type { Finding } from '../../contracts/plan.ts';
import type { ServiceWrites, WrittenTable } from '../../extraction/api.ts';

/** How a rollback treats rows that the service has written since the switch. */
export type WritesMode = 'refuse' | 'bring-back' | 'discard';

/** The command that rolls a job back. */
export const rollbackCommand = ({ jobId }: { readonly jobId: string }): string =>
  `npx gulp rollback --job-id=${jobId}`;

/** Whether rolling back loses no row. Sequences are synced back without asking: no row depends on them. */
export const isLossless = (writes: ServiceWrites): boolean =>
  writes.tables.length === 0 && writes.conflicts.length === 0;

/** `public.items: 2 added, 1 changed; such as added (7), changed (9), …` */
export function describeWritten(table: WrittenTable): string {
  const counts = (['added', 'changed', 'removed'] as const)
    .filter((word) => table[word] > 0)
    .map((word) => `${table[word].toLocaleString('en-US')} ${word}`);
  const more = table.added + table.changed + table.removed > table.examples.length ? ', …' : '';
  return `${table.name}: ${counts.join(', ')}; such as ${table.examples.join(', ')}${more}`;
}

/** One finding a table, for the report of a command. */
export function findingsOf(writes: ServiceWrites, severity: Finding['severity']): readonly Finding[] {
  const of = (code: string, object: string, message: string): Finding => ({
    code,
    severity,
    step: 'database',
    message,
    object,
    remedy: '',
  });
  return [
    ...writes.tables.map((table) => of('service-writes', table.name, describeWritten(table))),
    ...writes.conflicts.map(({ object, message }) => of('bring-back-obstacle', object, message)),
  ];
}

/** Why a rollback stops, and the two ways on. `command` is the rollback without a flag. */
export function refusalOf(writes: ServiceWrites, command: string): PlatformError {
  const lines = [
    'Rolling back would lose rows that the service has written since the switch:',
    ...writes.tables.map((table) => `  ${describeWritten(table)}`),
    ...writes.conflicts.map(({ message }) => `  ${message}`),
    `Sync them back to the monolith: ${command} --bring-back`,
    `Discard them: ${command} --discard-writes`,
  ];
  return new PlatformError('service-has-writes', lines.join('\n'));
}

/** Why rows cannot be synced back, and the one way left. */
export function conflictsOf(messages: readonly string[], command: string, cause?: unknown): PlatformError {
  const lines = [
    'Not every row that the service has written since the switch can be synced back; nothing was changed:',
    ...messages.map((message) => `  ${message}`),
    `Settle these by hand, then run again: ${command} --bring-back`,
    `Or discard what the service has written: ${command} --discard-writes`,
  ];
  return new PlatformError('bring-back-refused', lines.join('\n'), cause === undefined ? {} : { cause });
}
