import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { TOOL_ID_PATTERN } from '../../../../contracts/ids.ts';
import { readBrand, type Brand } from './brand.ts';
import { GENERATED, prepareShell } from './shell.ts';

const GENERATED_FILE = join(GENERATED, 'tool-loaders.ts');

/** Sorted ids of the tools with a user interface. */
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
 * Writes the list of lazily loaded tools and the brand for the shell. The imports are static, because a bundler cannot follow
 * computed ones. Does not touch the file when its text is unchanged.
 */
export async function writeToolLoaders(
  root: string,
  tools: readonly string[],
  problems: Readonly<Record<string, string>>,
): Promise<void> {
  const file = join(await prepareShell(root), GENERATED_FILE);
  const { brand } = await readBrand(root);
  const text = toolLoadersText(tools, problems, brand);
  const before = await readFile(file, 'utf8').catch(() => null);
  if (before === text) return;
  await mkdir(dirname(file), { recursive: true });
  await writeFileAtomic(file, text);
}

/** Text of the generated file. Safe without escaping: `tools` are ids, the rest is JSON. */
export function toolLoadersText(
  tools: readonly string[],
  problems: Readonly<Record<string, string>>,
  brand: Brand,
): string {
  const loaders = tools.map(
    (tool) => `  '${tool}': () => import('../../../../../tools/${tool}/frontend/tool.routes'),\n`,
  );
  return `// Written by monolith/server/dashboard/web-builder.ts at every build. Changes are lost.
import type { Routes } from '@angular/router';

export const TOOL_LOADERS: Readonly<Record<string, () => Promise<{ toolRoutes: Routes }>>> = {
${loaders.join('')}};

export const TOOL_PROBLEMS: Readonly<Record<string, string>> = ${JSON.stringify(problems, null, 2)};

export const BRAND: Readonly<{ title: string; logo: string }> = ${JSON.stringify(brand)};
`;
}
