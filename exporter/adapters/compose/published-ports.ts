import { readCompose, type ComposeFile } from './read-compose.ts';

/**
 * Ports of this machine's loopback that the compose file publishes, whether its containers run or not. A file that
 * cannot be read publishes none: the step that edits it reports the problem.
 */
export function publishedPorts(composeText: string): ReadonlySet<number> {
  const services = Object.values(fileOf(composeText).services ?? {});
  const ports = services.flatMap((service) => service?.ports ?? []);
  return new Set(
    ports.flatMap((port) => {
      const [, published] = /^127\.0\.0\.1:(?:\$\{\w+:-)?(\d+)\}?:\d+/.exec(String(port)) ?? [];
      return published === undefined ? [] : [Number(published)];
    }),
  );
}

function fileOf(text: string): ComposeFile {
  try {
    return readCompose(text);
  } catch {
    return {};
  }
}
