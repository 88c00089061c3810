import { spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import Docker from 'dockerode';

const START_TIMEOUT_MS = 60_000;

/** The engine of this machine. Root starts it where it is installed and does not run; it stays for later runs. */
export async function dockerEngine(): Promise<Docker> {
  const engine = new Docker();
  if (await answers(engine)) return engine;
  if (process.getuid?.() !== 0)
    throw new Error('the Docker engine does not answer; start it, or run the tests as root');
  const log = openSync('/tmp/dockerd.log', 'a');
  spawn('dockerd', [], { detached: true, stdio: ['ignore', log, log] }).unref();
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (await answers(engine)) return engine;
    await delay(200);
  }
  throw new Error('dockerd did not start; /tmp/dockerd.log says why');
}

async function answers(engine: Docker): Promise<boolean> {
  try {
    await engine.ping();
    return true;
  } catch {
    return false;
  }
}
