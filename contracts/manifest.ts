import { Ajv } from 'ajv';
import schema from './manifest.schema.json' with { type: 'json' };
import { tableProblems, type TableDeclaration } from './declared-tables.ts';
import { pathProblem } from './endpoint-path.ts';
import { isReservedPermission, RESERVED_DOMAINS } from './host/permissions.ts';
import { toolIdProblem, type ToolId } from './ids.ts';
import { ownerOfVariable, ownVariable } from './reserved-variables.ts';
import { compileCheck, MOST_PROBLEMS, type SchemaCheck } from './schema-check.ts';
import type { Problem } from './schema-problem.ts';

export type { Problem } from './schema-problem.ts';

export { schema as manifestSchema };

export const TOOL_STATUSES = ['alpha', 'beta', 'active', 'deprecated'] as const;
export type ToolStatus = (typeof TOOL_STATUSES)[number];

export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A route of a tool. `path` is relative to `apiBase`, in Express style (`/items/:id`). */
export interface Endpoint {
  readonly method: HttpMethod;
  readonly path: string;
  readonly summary: string;
  readonly permissions: readonly string[];
}

/** An environment variable that the backend of the tool may read. */
export interface EnvVariable {
  readonly name: string;
  readonly required: boolean;
  readonly secret: boolean;
  readonly description: string;
}

/** A valid manifest with all defaults and lists filled in. */
export interface Manifest {
  readonly id: ToolId;
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly status: ToolStatus;
  readonly owner: string;
  readonly icon: string;
  readonly route: string;
  readonly apiBase: string;
  readonly databaseSchema: { readonly tables: readonly TableDeclaration[] };
  readonly endpoints: readonly Endpoint[];
  readonly permissions: readonly string[];
  readonly env: readonly EnvVariable[];
  readonly dependencies: readonly string[];
}

/** Lists every problem of a manifest. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
  readonly problems: readonly Problem[];
  constructor(problems: readonly Problem[]) {
    super(problems.map((p) => `${p.pointer || '/'}: ${p.message}`).join('\n'));
    this.problems = problems;
  }
}

let compiled: SchemaCheck | undefined;

/** Compiled on first use, because most commands read no manifest. */
const check: SchemaCheck = (input) => (compiled ??= compileCheck(schema, { Ajv }))(input);

/**
 * Parses an untrusted manifest.
 *
 * Fills in defaults: `status` alpha, `version` 0.1.0, `route` and `apiBase` from the id, empty lists. Does not
 * change its input.
 * @throws ManifestError with all problems and their JSON pointers.
 */
export function parseManifest(input: unknown): Manifest {
  const problems = manifestProblems(input);
  if (problems.length > 0) throw new ManifestError(problems);
  return withDefaults(withDerivedFields(input as RawManifest));
}

/** Every problem of a manifest; an empty list means that {@link parseManifest} succeeds. */
export function manifestProblems(input: unknown): readonly Problem[] {
  const candidate = isRecord(input) ? withDerivedFields(input as unknown as RawManifest) : input;
  const found = check(candidate);
  if (!isRecord(candidate) || found.length >= MOST_PROBLEMS) return found;
  return [...found, ...crossFieldProblems(candidate)].slice(0, MOST_PROBLEMS);
}

type RawManifest = Partial<Omit<Manifest, 'id' | 'endpoints' | 'env'>> & {
  id: ToolId;
  name: string;
  endpoints?: readonly (Partial<Endpoint> & Pick<Endpoint, 'method' | 'path'>)[];
  env?: readonly (Partial<EnvVariable> & Pick<EnvVariable, 'name'>)[];
};

function withDerivedFields(raw: RawManifest): RawManifest {
  const id = raw.id as unknown;
  const derived = typeof id === 'string' ? { route: `/tools/${id}`, apiBase: `/api/tools/${id}` } : {};
  return { version: '0.1.0', status: 'alpha', ...derived, ...raw };
}

function withDefaults(raw: RawManifest): Manifest {
  return {
    id: raw.id,
    name: raw.name,
    description: raw.description ?? '',
    version: raw.version ?? '0.1.0',
    status: raw.status ?? 'alpha',
    owner: raw.owner ?? '',
    icon: raw.icon ?? '',
    route: raw.route ?? `/tools/${raw.id}`,
    apiBase: raw.apiBase ?? `/api/tools/${raw.id}`,
    databaseSchema: { tables: [...(raw.databaseSchema?.tables ?? [])] },
    endpoints: (raw.endpoints ?? []).map((e) => ({ summary: '', permissions: [], ...e })),
    permissions: [...(raw.permissions ?? [])],
    env: (raw.env ?? []).map((v) => ({ required: false, secret: false, description: '', ...v })),
    dependencies: [...(raw.dependencies ?? [])],
  };
}

function crossFieldProblems(raw: Record<string, unknown>): Problem[] {
  const problems: Problem[] = [];
  const { id, route, apiBase, permissions, endpoints, env, dependencies, databaseSchema } = raw;
  if (typeof id !== 'string') return problems;
  const idProblem = toolIdProblem(id);
  if (idProblem?.includes('reserved')) problems.push({ pointer: '/id', message: idProblem });
  if (typeof route === 'string' && route !== `/tools/${id}`)
    problems.push({ pointer: '/route', message: `must be "/tools/${id}"` });
  if (typeof apiBase === 'string' && apiBase !== `/api/tools/${id}`)
    problems.push({ pointer: '/apiBase', message: `must be "/api/tools/${id}"` });
  if (Array.isArray(dependencies) && dependencies.includes(id))
    problems.push({
      pointer: `/dependencies/${dependencies.indexOf(id)}`,
      message: 'a tool cannot depend on itself',
    });
  if (Array.isArray(permissions)) problems.push(...permissionProblems(permissions));
  if (Array.isArray(endpoints)) problems.push(...endpointProblems(endpoints, permissions));
  if (Array.isArray(env)) problems.push(...variableProblems(id, env));
  if (isRecord(databaseSchema) && Array.isArray(databaseSchema['tables']))
    problems.push(...tableProblems(id, databaseSchema['tables']));
  return problems;
}

/** A token with the platform's own permission would open the platform to the callers of the tool, and the reverse. */
function permissionProblems(permissions: readonly unknown[]): Problem[] {
  return permissions.flatMap((permission, i) =>
    typeof permission === 'string' && isReservedPermission(permission)
      ? [
          {
            pointer: `/permissions/${i}`,
            message: `"${permission}" is in a domain of the platform (${RESERVED_DOMAINS.join(', ')}). Choose a domain of the tool's own, such as inventory:read`,
          },
        ]
      : [],
  );
}

function variableProblems(id: string, env: readonly unknown[]): Problem[] {
  const names = env.map((variable) => (isRecord(variable) ? variable['name'] : undefined));
  return names.flatMap((name, i) => {
    const message = typeof name === 'string' ? variableProblem(id, name, names.slice(0, i), names) : null;
    return message === null ? [] : [{ pointer: `/env/${i}/name`, message }];
  });
}

function variableProblem(
  id: string,
  name: string,
  before: readonly unknown[],
  all: readonly unknown[],
): string | null {
  const owner = ownerOfVariable(name);
  if (owner !== null)
    return `"${name}" is a variable of ${owner}. Choose a name of the tool's own, such as ${ownVariable(id, name)}`;
  if (before.includes(name)) return `"${name}" is listed twice`;
  if (name.endsWith('_FILE') && all.includes(name.slice(0, -'_FILE'.length)))
    return `"${name}" names the file that a service reads "${name.slice(0, -'_FILE'.length)}" from. Declare one of them`;
  return null;
}

function endpointProblems(endpoints: readonly unknown[], permissions: unknown): Problem[] {
  const problems: Problem[] = [];
  const declared = new Set<unknown>(Array.isArray(permissions) ? permissions : []);
  const seen = new Set<string>();
  endpoints.forEach((endpoint, i) => {
    if (!isRecord(endpoint)) return;
    const key = `${String(endpoint['method'])} ${String(endpoint['path'])}`;
    if (seen.has(key)) problems.push({ pointer: `/endpoints/${i}`, message: `"${key}" is listed twice` });
    seen.add(key);
    const path = endpoint['path'];
    const unroutable = typeof path === 'string' ? pathProblem(path) : null;
    if (unroutable !== null)
      problems.push({
        pointer: `/endpoints/${i}/path`,
        message: `is no path that Express 5 routes: ${unroutable}. Put \\ before a character that is meant as itself`,
      });
    const needed = endpoint['permissions'];
    if (!Array.isArray(needed)) return;
    needed.forEach((permission, j) => {
      if (!declared.has(permission))
        problems.push({
          pointer: `/endpoints/${i}/permissions/${j}`,
          message: `"${String(permission)}" is not listed in /permissions`,
        });
    });
  });
  return problems;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
