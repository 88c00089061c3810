/** Branded identifiers: only parsing turns a string into one. */
declare const brand: unique symbol;

/** Tool id: kebab-case, starts with a letter, at most 50 characters, not reserved. */
export type ToolId = string & { readonly [brand]: 'ToolId' };

/** Export job id: a UUID in lower case. */
export type JobId = string & { readonly [brand]: 'JobId' };

export const TOOL_ID_PATTERN = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
const TOOL_ID_MAX_LENGTH = 50;

/**
 * Words in addresses of the platform (`/api/tools/search`, `/tools/new`), and names that would collide with a
 * folder, a database or a host name of the platform.
 */
export const RESERVED_TOOL_IDS: readonly string[] = [
  'about',
  'admin',
  'api',
  'apps',
  'assets',
  'docs',
  'export',
  'exports',
  'gateway',
  'health',
  'history',
  'jobs',
  'livez',
  'metrics',
  'new',
  'nginx',
  'platform',
  'postgres',
  'preview',
  'readyz',
  'registry',
  'scaffold',
  'search',
  'session',
  'tool',
  'tools',
  'webhooks',
];

/** Why `value` is not a valid tool id, or `null`. */
export function toolIdProblem(value: string): string | null {
  if (value.length > TOOL_ID_MAX_LENGTH) return `must have at most ${TOOL_ID_MAX_LENGTH} characters`;
  if (!TOOL_ID_PATTERN.test(value))
    return 'must be kebab-case (a-z, 0-9, single hyphens) and start with a letter';
  if (RESERVED_TOOL_IDS.includes(value)) return `"${value}" is a reserved word`;
  if (value === 'pg' || value.startsWith('pg-'))
    return `"${value}" is reserved: PostgreSQL keeps names that start with "pg_" for itself`;
  return null;
}

/** @throws RangeError with the reason when `value` is not a tool id. */
export function parseToolId(value: string): ToolId {
  const problem = toolIdProblem(value);
  if (problem !== null) throw new RangeError(`tool id ${JSON.stringify(value)}: ${problem}`);
  return value as ToolId;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Why `value` cannot be a job's id, or `null` when it can. */
export const jobIdProblem = (value: string): string | null =>
  UUID.test(value.toLowerCase()) ? null : 'must be a UUID';

/** @throws RangeError when `value` is not a job id. */
export function parseJobId(value: string): JobId {
  const problem = jobIdProblem(value);
  if (problem !== null) throw new RangeError(`job id ${JSON.stringify(value)}: ${problem}`);
  return value.toLowerCase() as JobId;
}
