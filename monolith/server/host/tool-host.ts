import { availableParallelism } from 'node:os';
import type { Request, RequestHandler } from 'express';
import pLimit from 'p-limit';
import type { ProblemAnswer } from '../../../contracts/host/problem.ts';
import type { ToolLogger } from '../../../contracts/tool-context.ts';
import type { ToolState } from '../../../contracts/tool-state.ts';
import { callerOf } from '../../../registry-api/auth/principal.ts';
import { createForwarder, type AuthorizationFor, type ForwarderOptions } from './forward.ts';
import type { ToolProcess } from './process/tool-process.ts';
import { findTool, findTools } from './read-tools.ts';
import { sendProblem } from './tool-errors.ts';
import { createToolKeeper, type KeeperOptions, type ToolKeeper, type ToolProblem } from './tool-keeper.ts';

export interface ToolHostOptions extends Omit<KeeperOptions, 'limitStarts'> {
  /** A logger for one tool. */
  readonly loggerFor: (toolId: string) => ToolLogger;
  /** Logs of the platform itself. */
  readonly logger: ToolLogger;
  readonly authorizationFor: AuthorizationFor;
  /** Cookies that a tool may set. */
  readonly cookies?: ForwarderOptions['cookies'];
}

/**
 * Runs the backends of the tools in `tools/`, each in a process of its own. A tool that fails, blocks or takes too much
 * memory answers 503 with the reason, is started again, and does not affect the others.
 */
export interface ToolHost {
  /** Mount at `/api/tools/:toolId`, before any body parser. Calls `next` for tools without a folder. */
  readonly handler: RequestHandler;
  /**
   * Sets up, reloads or removes tools to match their files: all tools, or the one named, which is also started. Unchanged
   * tools are not reloaded. Never throws.
   */
  sync(toolId?: string): Promise<readonly ToolState[]>;
  /** Starts each tool once, so that its own work, such as a timer, begins and its problems are known. */
  warmUp(): Promise<void>;
  states(): readonly ToolState[];
  close(): Promise<void>;
}

/** Longest wait for an answer in milliseconds, as for an exported service. */
const TIMEOUT_MS = 60_000;

export function createToolHost(options: ToolHostOptions): ToolHost {
  const { root, logger, cookies = 'own' } = options;
  const keepers = new Map<string, ToolKeeper>();
  const limitStarts = pLimit(availableParallelism());
  const forward = createForwarder({ logger, timeoutMs: TIMEOUT_MS, cookies });
  let closed = false;

  const keeperOf = (id: string): ToolKeeper => {
    const known = keepers.get(id);
    if (known !== undefined) return known;
    const keeper = createToolKeeper(id, options.loggerFor(id), { ...options, limitStarts });
    keepers.set(id, keeper);
    return keeper;
  };

  const syncOne = async (id: string, start: boolean): Promise<void> => {
    if (findTool(root, id) !== null) await keeperOf(id).sync({ start });
    if (findTool(root, id) !== null) return;
    const keeper = keepers.get(id);
    keepers.delete(id);
    await keeper?.close();
  };

  const handler: RequestHandler = async (req, res, next) => {
    const id = toolIdOf(req);
    const keeper = keepers.get(id) ?? (findTool(root, id) === null ? undefined : keeperOf(id));
    if (keeper === undefined) {
      next();
      return;
    }
    const authorization = await options.authorizationFor(req, id);
    const used = await keeper.use();
    if (!('process' in used)) {
      sendProblem(res, answerOf(id, used));
      return;
    }
    res.once('close', used.done);
    forward(req, res, {
      toolId: id,
      instances: [used.process.url],
      path: req.originalUrl,
      headers: { ...used.process.headers(callerOf(req)), authorization },
      onFailure: async (late) =>
        late ? lateAnswer(id) : answerOf(id, await problemOf(keeper, used.process)),
    });
  };

  const answerOf = (id: string, { message, retryAfter }: ToolProblem): ProblemAnswer => ({
    status: 503,
    code: 'tool-broken',
    detail: options.showDetails
      ? `The tool "${id}" does not run. ${message}`
      : `The tool "${id}" does not run. The platform's log says why.`,
    retryAfter,
  });

  const states = (): ToolState[] =>
    [...keepers]
      .map(([id, keeper]): ToolState => {
        const problem = keeper.problem();
        const { message = null, retryAfter = null } = problem ?? {};
        return { id, state: keeper.state(), problem: message, retryAfter };
      })
      .sort((a, b) => (a.id < b.id ? -1 : 1));

  return {
    handler,
    states,
    async sync(toolId) {
      const ids = toolId === undefined ? await allIds(root, keepers) : [toolId];
      if (!closed) await Promise.all(ids.map((id) => syncOne(id, toolId !== undefined)));
      return states();
    },
    async warmUp() {
      for (const [id, keeper] of keepers)
        if (!closed && !options.isExported(id) && keeper.problem() === null)
          await keeper.sync({ start: true });
    },
    async close() {
      closed = true;
      await Promise.all([...keepers.values()].map((keeper) => keeper.close()));
      keepers.clear();
    },
  };
}

const toolIdOf = (req: Request): string => String(req.params['toolId']);

const lateAnswer = (id: string): ProblemAnswer => ({
  status: 504,
  code: 'service-timeout',
  detail: `The tool "${id}" did not answer within ${TIMEOUT_MS / 1000} seconds.`,
});

/** Time in milliseconds for the end of a process to become known after one of its connections has broken. */
const END_MS = 1_000;

/** Why a process has broken off a request. */
async function problemOf(keeper: ToolKeeper, { ended }: ToolProcess): Promise<ToolProblem> {
  await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, END_MS))]);
  return keeper.problem() ?? { message: 'It closed the connection without an answer.', retryAfter: 1 };
}

async function allIds(root: string, known: ReadonlyMap<string, unknown>): Promise<readonly string[]> {
  return [...new Set([...(await findTools(root)).map((t) => t.id), ...known.keys()])];
}
