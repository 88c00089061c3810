import type { Settings } from '../../../contracts/settings.ts';

/** Longer than the platform gives a tool to start. */
const START_MS = 90_000;

/**
 * Asks the platform to start the tool, and why it does not run in the monolith. `null` when it runs, `undefined` when the
 * platform does not say.
 */
export async function askWhyToolFails(
  platformUrl: string,
  toolId: string,
  { token }: Settings,
): Promise<string | null | undefined> {
  const answer = await fetch(`${platformUrl}/api/registry/tool-states/${toolId}`, {
    signal: AbortSignal.timeout(START_MS),
    headers: typeof token === 'string' ? { authorization: `Bearer ${token}` } : {},
  }).catch(() => null);
  if (answer?.ok !== true) return undefined;
  return ((await answer.json()) as { readonly problem: string | null }).problem;
}
