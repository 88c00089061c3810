import { httpResource } from '@angular/common/http';
import type { ReturnStream } from '#contracts/return-stream';
import { sizeText } from '#contracts/size-text';
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
  /** How the monolith follows the service of a tool that was exported live; missing for every other tool. */
  readonly wayBack?: WayBack;
}

export interface WayBack {
  readonly tone: 'good' | 'warn' | 'bad';
  readonly text: string;
  /** The same for a card. */
  readonly short: string;
  /** The next step; empty for one that follows. */
  readonly remedy: string;
}

type Listed<T> = { readonly data: readonly T[] };

/** Asks the platform how its tools run, while the page is visible. Call it in an injection context. */
export function toolRuns(refreshMs: number): (tool: RegistryTool) => ToolRun | null {
  const answers = [
    httpResource<Listed<ToolState>>(() => '/api/registry/tool-states'),
    httpResource<Listed<ServiceState>>(() => '/api/registry/service-states'),
    httpResource<Listed<ReturnStream>>(() => '/api/registry/return-streams'),
  ] as const;
  const [tools, services, streams] = [lastValue(answers[0]), lastValue(answers[1]), lastValue(answers[2])];
  whileVisible(refreshMs, () => {
    for (const answer of answers) if (!answer.isLoading()) answer.reload();
  });
  return ({ toolId, isExported }) => {
    if (!isExported) return toolRun(tools()?.data.find(({ id }) => id === toolId));
    const run = serviceRun(services()?.data.find(({ id }) => id === toolId));
    const stream = streams()?.data.find(({ id }) => id === toolId);
    return run === null || stream === undefined ? run : { ...run, wayBack: wayBackOf(stream) };
  };
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

const WAY_BACK_TONES = { following: 'good', behind: 'warn', broken: 'bad' } as const;

function wayBackOf({ state, text, remedy, lagBytes }: ReturnStream): WayBack {
  const size = lagBytes === null ? '' : sizeText(lagBytes);
  return {
    tone: WAY_BACK_TONES[state],
    text:
      state === 'following'
        ? `The monolith follows the service${size === '' ? '' : `, ${size} behind`}`
        : capitalised(text.replace(/^way back /, '')), // a heading says so
    short: state === 'broken' ? 'Way back broken' : size === '' ? 'Way back behind' : `${size} behind`,
    // A command of the operator: no choice of a page does the same
    remedy: remedy ?? '',
  };
}

const capitalised = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
