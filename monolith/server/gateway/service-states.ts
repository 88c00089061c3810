import type { ServiceState } from '../../../contracts/tool-state.ts';
import type { RouteTable, ToolRoute } from './route-table.ts';

const ANSWER_MS = 2_000;
/** Time in milliseconds for which answers are kept: every open page asks. */
const KEPT_MS = 3_000;

/** The states of the services of all exported tools. Asks every instance; callers at the same time share the answers. */
export function createServiceStates(
  routes: Pick<RouteTable, 'all'>,
  keptMs: number = KEPT_MS,
): () => Promise<readonly ServiceState[]> {
  let asked: { readonly at: number; readonly answers: Promise<readonly ServiceState[]> } | null = null;
  return () => {
    const now = performance.now();
    if (asked === null || now - asked.at > keptMs)
      asked = { at: now, answers: Promise.all(routes.all().map(stateOf)) };
    return asked.answers;
  };
}

async function stateOf({ toolId, instances }: ToolRoute): Promise<ServiceState> {
  const answers = await Promise.all(instances.map(askInstance));
  const ready = answers.filter((answer) => answer === 'ready').length;
  const silent = answers.every((answer) => answer === 'down');
  const state =
    ready === 0 ? (silent ? 'down' : 'not-ready') : ready < instances.length ? 'degraded' : 'ready';
  return { id: toolId, state, instances: instances.length, ready };
}

async function askInstance(url: string): Promise<'ready' | 'not-ready' | 'down'> {
  try {
    const answer = await fetch(new URL('/readyz', url), { signal: AbortSignal.timeout(ANSWER_MS) });
    await answer.body?.cancel();
    return answer.ok ? 'ready' : 'not-ready';
  } catch {
    return 'down';
  }
}
