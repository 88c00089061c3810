import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Manifest } from '../../../../contracts/manifest.ts';
import { placeholderOf } from '../../../../contracts/placeholder.ts';
import type { ToolFolder } from '../read-tools.ts';
import { ask, Names } from './ask.ts';
import { explore } from './explore.ts';
import { hostTool } from './host.ts';
import { fillScratch } from './scratch.ts';
import type { Answer, Ask, Request } from './types.ts';

export interface Recorded {
  readonly request: Request;
  readonly answer: Answer;
}

export interface Recording {
  readonly calls: readonly Recorded[];
  /** Kinds of the tool's failures outside its requests, such as `error 23505`. */
  readonly failures: readonly string[];
}

/** The tool cannot be recorded; the contract itself is not at fault. */
export class NotRecordable extends Error {}

export interface RecordOptions {
  /** Absolute paths of the repository and of its state. */
  readonly root: string;
  readonly stateDir: string;
  readonly tool: ToolFolder;
  readonly manifest: Manifest;
  /** SQL that makes ids and times predictable. */
  readonly scratchSql: string;
  /** Creates an empty database and returns its address. */
  readonly freshDatabase: () => Promise<string>;
}

/**
 * Records a tool's answers in the monolith. Every call is made twice, on two databases. A body that differs between the
 * two is not recorded, and neither is a call that differs in its status or in how it ends.
 */
export async function recordContract(options: RecordOptions): Promise<Recording> {
  const calls: Recorded[] = [];
  const first = await withTool(options, (ask) =>
    explore(options.manifest.endpoints, async (request) => {
      const answer = await ask(request);
      calls.push({ request, answer });
      return answer;
    }),
  );
  const compared: Recorded[] = [];
  const second = await withTool(options, async (ask) => {
    for (const { request, answer } of calls) {
      const again = await ask(request);
      if (answer.status === 0 && answer.broken !== true) continue; // not answered in time
      if (isDeepStrictEqual(again, answer)) compared.push({ request, answer });
      else if (endOf(again) === endOf(answer)) compared.push({ request, answer: withoutBody(answer, again) });
    }
  });
  return { calls: compared, failures: [...new Set([...first, ...second])].sort() };
}

const endOf = ({ status, broken, endless }: Answer): string => String([status, broken, endless]);

/** What two answers have in common. */
function withoutBody({ status, headers, broken, endless }: Answer, other: Answer): Answer {
  return {
    status,
    headers: Object.fromEntries(
      Object.entries(headers).filter(([name, value]) => other.headers[name] === value),
    ),
    ...(broken === undefined ? {} : { broken }),
    ...(endless === undefined ? {} : { endless }),
  };
}

/** Time in milliseconds for failures that follow the last answer. */
const LAST_FAILURES_MS = 250;

/** Returns the kinds of the tool's failures outside its requests. */
async function withTool(
  options: RecordOptions,
  work: (ask: Ask) => Promise<void>,
): Promise<ReadonlySet<string>> {
  const { tool, manifest, scratchSql, freshDatabase } = options;
  const login = await fillScratch(await freshDatabase(), tool, scratchSql).catch((error: unknown) => {
    throw new NotRecordable(`its migrations do not run on an empty database: ${messageOf(error)}`);
  });
  const env = Object.fromEntries(manifest.env.map(({ name }) => [name, placeholderOf(name)]));
  const hosted = await hostTool({ ...options, login, env }).catch((error: unknown) => {
    throw new NotRecordable(`it does not start with placeholders for its variables: ${messageOf(error)}`);
  });
  try {
    const names = new Names();
    await work((request) => ask(hosted, request, names));
    await delay(LAST_FAILURES_MS);
    return hosted.failures;
  } catch (error) {
    const reason = hosted.ended();
    throw reason === null ? error : new NotRecordable(`its process ended while it was recorded: ${reason}`);
  } finally {
    await hosted.close();
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
