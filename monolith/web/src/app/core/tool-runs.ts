import { httpResource } from '@angular/common/http';
import type { RegistryTool } from '#contracts/tool';
import type { ServiceState, ToolState } from '#contracts/tool-state';
import { lastValue } from './last-value';
import { whileVisible } from './poll';

/** How a tool runs, in the monolith or as a service of its own. */
export interface ToolRun {
  readonly tone: 'good' | 'calm' | 'warn' | 'bad';
  /** A few words, such as `Does not run`. */
  readonly text: string;
  /** More of it, in a sentence; may be empty. */
  readonly detail: string;
}

type Listed<T> = { readonly data: readonly T[] };

/** Asks the platform how its tools run, while the page is visible. Call it in an injection context. */
export function toolRuns(refreshMs: number): (tool: RegistryTool) => ToolRun | null {
  const answers = [
    httpResource<Listed<ToolState>>(() => '/api/registry/tool-states'),
    httpResource<Listed<ServiceState>>(() => '/api/registry/service-states'),
  ] as const;
  const [tools, services] = [lastValue(answers[0]), lastValue(answers[1])];
  whileVisible(refreshMs, () => {
    for (const answer of answers) if (!answer.isLoading()) answer.reload();
  });
  return ({ toolId, isExported }) =>
    isExported
      ? serviceRun(services()?.data.find(({ id }) => id === toolId))
      : toolRun(tools()?.data.find(({ id }) => id === toolId));
}

/** `null`: the platform has no folder of the tool, or has not answered. */
function toolRun(state: ToolState | undefined): ToolRun | null {
  switch (state?.state) {
    case undefined:
      return null;
    case 'running':
      return { tone: 'good', text: 'Running', detail: '' };
    case 'starting':
      return { tone: 'calm', text: 'Starting', detail: '' };
    case 'stopped':
      return { tone: 'calm', text: 'Stopped', detail: 'It starts with its next request.' };
    case 'failed': {
      const next = state.retryAfter === null ? '' : `\nIt is started again in ${state.retryAfter} s.`;
      return { tone: 'bad', text: 'Does not run', detail: `${state.problem ?? ''}${next}`.trim() };
    }
  }
}

/** `null`: no service has a route of the tool, or the platform has not answered. */
function serviceRun(state: ServiceState | undefined): ToolRun | null {
  switch (state?.state) {
    case undefined:
      return null;
    case 'ready':
      return { tone: 'good', text: 'Service ready', detail: '' };
    case 'degraded':
      return {
        tone: 'warn',
        text: `${state.ready} of ${state.instances} ready`,
        detail: 'Some instances of the service do not answer, or are not ready.',
      };
    case 'not-ready':
      return { tone: 'warn', text: 'Service not ready', detail: 'The service answers, but is not ready.' };
    case 'down':
      return { tone: 'bad', text: 'Service down', detail: 'The service does not answer.' };
  }
}
