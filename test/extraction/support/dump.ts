import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * The statements of `pg_dump --schema-only`, without comments, settings and blank lines: the oracle. Owners and
 * privileges are part of it.
 */
export async function dumpSchema(
  bin: string,
  url: string,
  args: readonly string[] = [],
): Promise<Set<string>> {
  const { stdout } = await run(`${bin}/pg_dump`, ['--schema-only', ...args, url], {
    maxBuffer: 256 * 1024 * 1024,
  });
  return new Set(splitDump(stdout));
}

/** Entries of a plain dump. Each begins with a `-- Name: …; Type: …` comment, which keeps bodies intact. */
function splitDump(text: string): string[] {
  return text
    .split(/\n--\n-- Name: [^\n]*(?:\n[^\n-][^\n]*)*\n--\n/)
    .slice(1)
    .flatMap((entry) =>
      entry
        .replace(/\n--\n-- PostgreSQL database dump complete[\s\S]*$/, '')
        .split(/;\n\n+/)
        .map((statement) => statement.trim().replace(/;$/, ''))
        .filter((statement) => statement !== '' && !/^SET |^SELECT pg_catalog\.set_config/.test(statement))
        .map((statement) => statement.replace(/^(?:SET [^\n]*;\n+)+/, '')),
    );
}

/** Rows of all tables as `COPY` blocks, sorted, so that two databases can be compared whole. */
export async function dumpRows(
  bin: string,
  url: string,
  args: readonly string[] = [],
): Promise<Map<string, string[]>> {
  const { stdout } = await run(`${bin}/pg_dump`, ['--data-only', ...args, url], {
    maxBuffer: 512 * 1024 * 1024,
  });
  const blocks = new Map<string, string[]>();
  for (const match of stdout.matchAll(/^COPY (.*?) FROM stdin;\n([\s\S]*?)^\\\.$/gm))
    blocks.set(
      match[1]!,
      [...(blocks.get(match[1]!) ?? []), ...match[2]!.split('\n').filter((line) => line !== '')].sort(),
    );
  for (const match of stdout.matchAll(/^SELECT pg_catalog\.setval\((.*)\);$/gm))
    blocks.set(`setval ${match[1]!}`, []);
  return blocks;
}
