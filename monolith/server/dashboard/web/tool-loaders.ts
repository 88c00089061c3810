import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { TOOL_ID_PATTERN } from '../../../../contracts/ids.ts';

const GENERATED_FILE = 'monolith/web/src/app/generated/tool-loaders.ts';

/** Ids of the tools that bring a user interface, in order. */
export async function toolsWithFrontend(root: string): Promise<readonly string[]> {
  const entries = await readdir(join(root, 'tools'), { withFileTypes: true }).catch(() => []);
  const found: string[] = [];
  for (const entry of entries) {
    if (!entry.isDirectory() || !TOOL_ID_PATTERN.test(entry.name)) continue;
    const routes = join(root, 'tools', entry.name, 'frontend', 'tool.routes.ts');
    if (existsSync(routes)) found.push(entry.name);
  }
  return found.sort();
}

/**
 * Writes the shell's list of lazily loaded tools. The imports are static text, because a bundler cannot follow
 * a computed one. The file is left alone when it would not change.
 */
export async function writeToolLoaders(
  root: string,
  tools: readonly string[],
  problems: Readonly<Record<string, string>>,
): Promise<void> {
  const file = join(root, GENERATED_FILE);
  const text = toolLoadersText(tools, problems);
  const before = await readFile(file, 'utf8').catch(() => null);
  if (before === text) return;
  await mkdir(dirname(file), { recursive: true });
  await writeFileAtomic(file, text);
}

/** The text of the generated file. `tools` hold ids only, so no quoting can go wrong; problems are JSON. */
export function toolLoadersText(
  tools: readonly string[],
  problems: Readonly<Record<string, string>>,
): string {
  const loaders = tools.map(
    (tool) => `  '${tool}': () => import('../../../../../tools/${tool}/frontend/tool.routes'),\n`,
  );
  return `// Written by monolith/server/dashboard/web-builder.ts at every build. Changes are lost.
import type { Routes } from '@angular/router';

export const TOOL_LOADERS: Readonly<Record<string, () => Promise<{ toolRoutes: Routes }>>> = {
${loaders.join('')}};

export const TOOL_PROBLEMS: Readonly<Record<string, string>> = ${JSON.stringify(problems, null, 2)};
`;
}
