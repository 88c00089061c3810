import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { IncomingHttpHeaders } from 'node:http';
import type { Request, RequestHandler } from 'express';
import { safeUrl } from '../../../contracts/host/safe-url.ts';
import type { AuthorizationFor } from '../host/forward.ts';
import { ask, captureAnswer } from './answers.ts';
import { differenceOf, type Answer } from './compare-answers.ts';

/** GET requests for the tool go to its new service as well, for so long. */
export interface Shadow {
  readonly toolId: string;
  /** Tells it from an earlier shadow of the same tool. */
  readonly id: string;
  /** Base URL of the service. */
  readonly instance: string;
  /** JSON pointers of fields that differ by nature. */
  readonly ignored: readonly string[];
  readonly ms: number;
}

/** What has been found since the last report. */
export interface ShadowReport {
  compared: number;
  differing: number;
  unstable: number;
  skipped: number;
  readonly examples: string[];
}

export interface Shadows {
  /** Replaces the shadows. */
  apply(shadows: readonly Shadow[]): void;
  /** Compares the answers to GET requests of tools with a shadow; callers notice nothing. */
  readonly handler: RequestHandler;
  close(): void;
}

export interface ShadowOptions {
  readonly authorizationFor: AuthorizationFor;
  /** The headers of a request without the cookies that no service may see. */
  readonly withoutCookies: (headers: IncomingHttpHeaders) => IncomingHttpHeaders;
  /** Adds to what is recorded of the shadow. `open`: comparisons under way. */
  readonly record: (toolId: string, report: ShadowReport & { readonly open: number }) => Promise<void>;
}

/** Comparisons of one tool at once; more requests are skipped, so that a shadow is no load test. */
const MOST_OPEN = 4;
/** Time for the copy to follow what the monolith has just answered. */
const LAG_MS = 250;
const REPORT_MS = 200;
const MOST_EXAMPLES = 5;

/** Marks requests that are sent to the monolith once more; the value is known in this process alone. */
const AGAIN = 'x-platform-again';

interface Active {
  readonly shadow: Shadow;
  until: number;
  open: number;
  /** As recorded last. */
  recordedOpen: number;
  report: ShadowReport;
  /** All that were reported. */
  readonly examples: Set<string>;
}

const nothing = (): ShadowReport => ({ compared: 0, differing: 0, unstable: 0, skipped: 0, examples: [] });

export function createShadows({ authorizationFor, withoutCookies, record }: ShadowOptions): Shadows {
  const active = new Map<string, Active>();
  const secret = randomUUID();

  async function flush(state: Active): Promise<void> {
    const { report, open, shadow } = state;
    const { compared, unstable, skipped } = report; // what differs is compared, too
    if (compared + unstable + skipped === 0 && open === state.recordedOpen) return;
    state.report = nothing();
    state.recordedOpen = open;
    await record(shadow.toolId, { ...report, open });
  }

  const timer = setInterval(() => {
    for (const [toolId, state] of active) {
      void flush(state);
      if (state.open === 0 && performance.now() > state.until) active.delete(toolId);
    }
  }, REPORT_MS);
  timer.unref();

  async function compare(state: Active, caller: Caller, first: Answer): Promise<void> {
    const { shadow } = state;
    const service = async (): Promise<Answer | null> => ask(...(await toService(caller, shadow)));
    const monolith = (): Promise<Answer | null> => ask(caller.url, { ...caller.headers, [AGAIN]: secret });
    const differs = (a: Answer, b: Answer | null): string | null =>
      b === null ? 'the service does not answer' : differenceOf(a, b, shadow.ignored);
    if (differs(first, await service()) === null) {
      state.report.compared += 1;
      return;
    }
    // once more, with time for the copy to follow: an answer that the monolith itself does not repeat cannot be compared
    const before = await monolith();
    await delay(LAG_MS);
    const again = await service();
    const after = await monolith();
    if (before === null || after === null) state.report.skipped += 1;
    else if (differenceOf(before, after, shadow.ignored) !== null) state.report.unstable += 1;
    else {
      const difference = differs(before, again);
      state.report.compared += 1;
      if (difference === null) return;
      state.report.differing += 1;
      const example = `GET ${safeUrl(caller.path)}: ${difference}`;
      if (state.examples.has(example) || state.examples.size >= MOST_EXAMPLES) return;
      state.examples.add(example);
      state.report.examples.push(example);
    }
  }

  async function toService(
    { request, headers, path }: Caller,
    { toolId, instance }: Shadow,
  ): Promise<[string, IncomingHttpHeaders]> {
    const authorization = (await authorizationFor(request, toolId)) ?? undefined;
    return [
      `${instance}/api/${toolId}${path === '/' ? '' : path}`,
      { ...withoutCookies(headers), authorization },
    ];
  }

  return {
    apply(shadows) {
      const wanted = new Map(shadows.map((shadow) => [shadow.toolId, shadow]));
      // comparisons under way are still recorded
      for (const [toolId, state] of active)
        if (wanted.get(toolId)?.id !== state.shadow.id)
          state.until = Math.min(state.until, performance.now());
      for (const [toolId, shadow] of wanted)
        if (active.get(toolId)?.shadow.id !== shadow.id)
          active.set(toolId, {
            shadow,
            until: performance.now() + shadow.ms,
            open: 0,
            recordedOpen: 0,
            report: nothing(),
            examples: new Set(),
          });
    },
    handler(req, res, next) {
      const again = req.headers[AGAIN] === secret;
      if (again) Reflect.deleteProperty(req.headers, AGAIN);
      const state = active.get(String(req.params['toolId']));
      if (state === undefined || again || req.method !== 'GET' || performance.now() > state.until) {
        next();
        return;
      }
      if (state.open >= MOST_OPEN) {
        state.report.skipped += 1;
        next();
        return;
      }
      state.open += 1;
      const caller = callerOf(req);
      void captureAnswer(res)
        .then(async (answer) => {
          if (answer === null) state.report.skipped += 1;
          else await compare(state, caller, answer);
        })
        .catch(() => {
          state.report.skipped += 1;
        })
        .finally(() => {
          state.open -= 1;
        });
      next();
    },
    close() {
      clearInterval(timer);
      active.clear();
    },
  };
}

/** A request as it came, to be sent again. */
interface Caller {
  readonly request: Request;
  readonly headers: IncomingHttpHeaders;
  /** Below the mount. */
  readonly path: string;
  /** At this platform. */
  readonly url: string;
}

/** Headers of one connection (RFC 9110, 7.6.1). */
const OF_CONNECTION = ['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'upgrade', 'expect'];

function callerOf(request: Request): Caller {
  const { localAddress = '127.0.0.1', localPort } = request.socket;
  const host = localAddress.replace(/^::ffff:/, '');
  return {
    request,
    headers: Object.fromEntries(
      Object.entries(request.headers).filter(([name]) => !OF_CONNECTION.includes(name)),
    ),
    path: request.url,
    url: `http://${host.includes(':') ? `[${host}]` : host}:${localPort}${request.originalUrl}`,
  };
}
