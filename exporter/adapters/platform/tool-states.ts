import type { ReturnStream } from '../../../contracts/return-stream.ts';
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
  const answer = await ask<{ readonly data: readonly ToolState[] }>(
    `${platformUrl}/api/registry/tool-states`,
    settings,
    ANSWER_MS,
  );
  return answer?.data ?? [];
}

/** Has the platform start the tool. `null` when the platform does not say. */
export const startTool = (
  platformUrl: string,
  toolId: string,
  settings: Settings,
): Promise<ToolState | null> =>
  ask<ToolState>(`${platformUrl}/api/registry/tool-states/${toolId}`, settings, START_MS);

/** How the monolith follows the services of tools that were exported live. `null` when the platform does not say. */
export async function askReturnStreams(
  platformUrl: string,
  settings: Settings,
): Promise<readonly ReturnStream[] | null> {
  const answer = await ask<{ readonly data: readonly ReturnStream[] }>(
    `${platformUrl}/api/registry/return-streams`,
    settings,
    ANSWER_MS,
  );
  return answer?.data ?? null;
}

async function ask<T>(url: string, { token }: Settings, timeoutMs: number): Promise<T | null> {
  const answer = await fetch(url, {
    signal: AbortSignal.timeout(timeoutMs),
    headers: typeof token === 'string' ? { authorization: `Bearer ${token}` } : {},
  }).catch(() => null);
  return answer?.ok === true ? ((await answer.json()) as T) : null;
}
