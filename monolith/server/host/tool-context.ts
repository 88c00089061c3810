import type { Pool } from 'pg';
import { PlatformError } from '../../../contracts/errors.ts';
import type { Manifest } from '../../../contracts/manifest.ts';
import type { ToolContext, ToolLogger } from '../../../contracts/tool-context.ts';
import { permissionGuard } from '../../../contracts/host/permissions.ts';
import { callerOf, principalOf } from '../../../registry-api/auth/principal.ts';

export interface ToolContextOptions {
  readonly manifest: Manifest;
  readonly db: Pool;
  readonly logger: ToolLogger;
  /** The environment of the process; a tool sees only the variables that its manifest declares. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * The platform's services for a tool. `authenticate` must run before the tool's routes.
 * @throws PlatformError `manifest-invalid` when a required variable is missing.
 */
export function createToolContext({ manifest, db, logger, env }: ToolContextOptions): ToolContext {
  return { db, logger, config: configOf(manifest, env), requirePermission, principalOf };
}

const requirePermission = permissionGuard((request) => {
  const { principal, refusal } = callerOf(request);
  if (refusal !== null) throw refusal;
  return principal;
});

function configOf(manifest: Manifest, env: ToolContextOptions['env']): ToolContext['config'] {
  const missing = manifest.env.filter(({ name, required }) => required && (env[name] ?? '') === '');
  if (missing.length > 0)
    throw new PlatformError(
      'manifest-invalid',
      `tools/${manifest.id} needs ${missing.map((v) => v.name).join(', ')} in the environment. Set ` +
        `${missing.length === 1 ? 'it' : 'them'} and start the platform again.`,
    );
  return Object.freeze(Object.fromEntries(manifest.env.map(({ name }) => [name, env[name]])));
}
