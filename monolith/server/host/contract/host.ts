import { rm } from 'node:fs/promises';
import path from 'node:path';
import { DEFAULT_TOOL_MEMORY_MB } from '../../../../contracts/settings.ts';
import type { Caller } from '../../../../registry-api/auth/principal.ts';
import { permissionsOf, startToolProcess, type ToolProcessOptions } from '../process/tool-process.ts';
import type { Request } from './types.ts';

export interface HostedTool {
  readonly base: string;
  /** Headers of a request by this caller. */
  headers(as: Request['as']): Readonly<Record<string, string>>;
  /** Kinds of the tool's failures outside its requests. */
  readonly failures: ReadonlySet<string>;
  /** Why its process has ended; `null` while it runs. */
  ended(): string | null;
  close(): Promise<void>;
}

/** Serves one tool in the process that the platform runs it in, for callers that need no token. */
export async function hostTool(
  options: Pick<ToolProcessOptions, 'root' | 'stateDir' | 'tool' | 'manifest' | 'login' | 'env'>,
): Promise<HostedTool> {
  const { stateDir, tool, manifest } = options;
  const quiet = (): void => undefined;
  const temporary = path.join(stateDir, 'tool-tmp', `${tool.id}.contract`);
  const failures = new Set<string>();
  const process = await startToolProcess({
    ...options,
    temporary,
    logger: { debug: quiet, info: quiet, warn: quiet, error: quiet },
    showDetails: false,
    offline: true,
    onFailure: (kind) => failures.add(kind),
    memoryMb: DEFAULT_TOOL_MEMORY_MB,
  });
  let ended: string | null = null;
  void process.ended.then((reason) => (ended = reason));
  const callerWith = (permissions: readonly string[]): Caller => ({
    principal: { subject: 'contract', permissions },
    refusal: null,
    local: false,
  });
  const callers = {
    nobody: { principal: null, refusal: null, local: false },
    stranger: callerWith([]),
    caller: callerWith(permissionsOf(manifest)),
  };
  return {
    base: `${process.url}/api/tools/${tool.id}`,
    headers: (as) => process.headers(callers[as]),
    failures,
    ended: () => ended,
    async close() {
      await process.stop();
      await rm(temporary, { recursive: true, force: true });
    },
  };
}
