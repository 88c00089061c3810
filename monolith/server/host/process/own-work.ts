import { createHook } from 'node:async_hooks';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type pg from 'pg';

/** Resources of the host itself: the channel to the platform, the output, the server. */
const HOST_RESOURCES: ReadonlySet<string> = new Set([
  'PipeWrap',
  'TTYWrap',
  'FSReqCallback',
  'TCPServerWrap',
  'TCPSocketWrap',
  'TickObject',
  'Immediate',
]);

/**
 * Detects work that a tool does outside requests: timers, watchers, child processes, connections of its own. Create it
 * before the tool is loaded, and call `loaded` afterwards: an unreferenced timer is noticed only in between.
 */
export function watchOwnWork(server: Server, db: pg.Pool): { loaded(): void; isPresent(): boolean } {
  const timers = new Set<{ readonly _destroyed?: boolean }>();
  const hook = createHook({
    init(_id, type, _trigger, resource) {
      if (type === 'Timeout') timers.add(resource);
    },
  }).enable();
  const clients = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    clients.add(socket);
    socket.once('close', () => clients.delete(socket));
  });
  return {
    loaded: () => void hook.disable(),
    isPresent() {
      for (const timer of timers) if (timer._destroyed === true) timers.delete(timer);
      const resources = process.getActiveResourcesInfo();
      const sockets = resources.filter((name) => name === 'TCPSocketWrap').length;
      return (
        timers.size > 0 ||
        sockets > clients.size + db.totalCount ||
        resources.some((name) => !HOST_RESOURCES.has(name))
      );
    },
  };
}
