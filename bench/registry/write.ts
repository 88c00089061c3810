import { setTimeout as sleep } from 'node:timers/promises';

const PAUSE_MS = 200;

/** Registers tools, five a second, until it is stopped: each makes the registry forget what it has counted. */
export function keepWriting(base: string): { stop: () => Promise<void> } {
  let open = true;
  const isOpen = (): boolean => open; // it changes while we wait
  const writing = (async () => {
    for (let i = 0; isOpen(); i += 1) {
      const response = await fetch(`${base}/api/tools`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({
          id: `written-${i}`,
          name: `Written ${i}`,
          owner: `team-${i % 40}`,
          status: 'beta',
        }),
      });
      if (response.status !== 201) throw new Error(`registering a tool was answered with ${response.status}`);
      await sleep(PAUSE_MS);
    }
  })();
  return {
    async stop() {
      open = false;
      await writing;
    },
  };
}
