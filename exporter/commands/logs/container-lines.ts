import { PassThrough } from 'node:stream';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import { readLog } from '../../adapters/docker/container-state.ts';

const POLL_MS = 1_000;

/** A container, and the name of its instance. */
export interface Instance {
  readonly id: string;
  readonly name: string;
  readonly running: boolean;
}

export interface FollowOptions {
  /** All containers of the service now: some start and others are replaced meanwhile. */
  readonly list: () => Promise<readonly Instance[]>;
  readonly onLine: (line: string, instance: Instance) => void;
}

/** What the containers have written until now. */
export const linesUntilNow = async (engine: Docker, { id }: Instance): Promise<readonly string[]> =>
  (await readLog(engine, engine.getContainer(id))).split('\n').filter((line) => line !== '');

/** Passes on what the containers have written and will write, those that start later included. Never resolves. */
export async function followContainers(engine: Docker, { list, onLine }: FollowOptions): Promise<never> {
  const attached = new Set<string>();
  const endedAt = new Map<string, number>();
  for (;;) {
    for (const instance of await list()) {
      const { id, running } = instance;
      const ended = endedAt.get(id);
      if (attached.has(id) || (!running && ended !== undefined)) continue;
      attached.add(id);
      const since = ended === undefined ? {} : { since: ended / 1_000 };
      void followOne(engine, { instance, since, onLine }).finally(() => {
        attached.delete(id);
        endedAt.set(id, Date.now());
      });
    }
    await delay(POLL_MS);
  }
}

/** Resolves when the container stops. */
async function followOne(
  engine: Docker,
  options: {
    readonly instance: Instance;
    readonly since: { readonly since?: number };
    readonly onLine: FollowOptions['onLine'];
  },
): Promise<void> {
  const { instance, since, onLine } = options;
  try {
    const container = engine.getContainer(instance.id);
    const stream = await container.logs({ stdout: true, stderr: true, follow: true, ...since });
    const output = new PassThrough();
    engine.modem.demuxStream(stream, output, output);
    stream.once('end', () => output.end());
    stream.once('error', () => output.end());
    for await (const line of createInterface({ input: output })) onLine(line, instance);
  } catch {
    return; // it was removed meanwhile
  }
}
