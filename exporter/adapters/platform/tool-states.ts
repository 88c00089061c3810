import type { Settings } from '../../../contracts/settings.ts';

/** A tool in the monolith, and why it does not run; `null` when it does, or when no request has needed it yet. */
export interface ToolState {
  readonly id: string;
  readonly problem: string | null;
}

const ANSWER_MS = 3_000;
/** Longer than the platform gives a tool to start. */
const START_MS = 90_000;

/** The tools in the monolith. Empty when the platform does not say. */
export async function readToolStates(platformUrl: string, settings: Settings): Promise<readonly ToolState[]> {
  const answer = await ask<{ readonly data: readonly ToolState[] }>(platformUrl, settings, ANSWER_MS);
  return answer?.data ?? [];
}

/** Has the platform start the tool. `null` when the platform does not say. */
export const startTool = (
  platformUrl: string,
  toolId: string,
  settings: Settings,
): Promise<ToolState | null> => ask<ToolState>(platformUrl, settings, START_MS, `/${toolId}`);

async function ask<T>(
  platformUrl: string,
  { token }: Settings,
  timeoutMs: number,
  path = '',
): Promise<T | null> {
  const answer = await fetch(`${platformUrl}/api/registry/tool-states${path}`, {
    signal: AbortSignal.timeout(timeoutMs),
    headers: typeof token === 'string' ? { authorization: `Bearer ${token}` } : {},
  }).catch(() => null);
  return answer?.ok === true ? ((await answer.json()) as T) : null;
}
