import { probe, probeReply } from './probe.ts';

export const livezOperation = probe({
  id: 'livez',
  path: '/livez',
  summary: 'Whether the process runs; checks no dependency',
  handle: () => Promise.resolve(probeReply(true, { status: 'alive' })),
});
