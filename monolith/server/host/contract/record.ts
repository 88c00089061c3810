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
 * two is not recorded, and neither is a call whose status differs.
 */
export async function recordContract(options: RecordOptions): Promise<readonly Recorded[]> {
  const calls: Recorded[] = [];
  await withTool(options, (ask) =>
    explore(options.manifest.endpoints, async (request) => {
      const answer = await ask(request);
      calls.push({ request, answer });
      return answer;
    }),
  );
  const compared: Recorded[] = [];
  await withTool(options, async (ask) => {
    for (const { request, answer } of calls) {
      const again = await ask(request);
      if (answer.status === 0) continue; // not answered in time
      if (isDeepStrictEqual(again, answer)) compared.push({ request, answer });
      else if (again.status === answer.status)
        compared.push({ request, answer: { status: answer.status, headers: common(answer, again) } });
    }
  });
  return compared;
}

const common = (a: Answer, b: Answer): Answer['headers'] =>
  Object.fromEntries(Object.entries(a.headers).filter(([name, value]) => b.headers[name] === value));

async function withTool(options: RecordOptions, work: (ask: Ask) => Promise<void>): Promise<void> {
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
  } finally {
    await hosted.close();
  }
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
