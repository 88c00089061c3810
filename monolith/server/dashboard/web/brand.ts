import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';

/** How a workspace presents itself in the dashboard. */
export interface Brand {
  readonly title: string;
  /** Address of an image: `data:`, or the platform's own. */
  readonly logo: string;
}

export interface FoundBrand {
  readonly brand: Brand;
  /** Why the logo is the platform's, for the developer; `null` when nothing is wrong. */
  readonly problem: string | null;
}

const OWN_LOGO = 'tool-platform.svg';
/** Bytes. The image is part of the dashboard's first file. */
const LARGEST_LOGO = 32 * 1024;
const TYPES: Readonly<Record<string, string>> = {
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
};

/**
 * Title and logo of the dashboard, from the workspace's package.json: `"platform": { "title": "Acme tools", "logo":
 * "shared/logo.svg" }`. Without a title it is made of the package's name.
 */
export async function readBrand(root: string): Promise<FoundBrand> {
  const { name, platform } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as {
    readonly name?: unknown;
    readonly platform?: { readonly title?: unknown; readonly logo?: unknown };
  };
  const title = textOf(platform?.title) ?? titleOf(textOf(name) ?? path.basename(root));
  if (platform?.logo === undefined) return { brand: { title, logo: OWN_LOGO }, problem: null };
  const logo = await readLogo(root, platform.logo);
  return 'problem' in logo
    ? { brand: { title, logo: OWN_LOGO }, problem: `package.json: platform.logo: ${logo.problem}` }
    : { brand: { title, logo: logo.url }, problem: null };
}

async function readLogo(root: string, logo: unknown): Promise<{ url: string } | { problem: string }> {
  if (typeof logo !== 'string') return { problem: 'must be the path of an image in the workspace' };
  const type = TYPES[path.extname(logo).toLowerCase()];
  if (type === undefined) return { problem: `${logo} must be one of ${Object.keys(TYPES).join(', ')}` };
  const file = path.resolve(root, logo);
  if (!file.startsWith(root + path.sep)) return { problem: `${logo} is outside the workspace` };
  const found = await stat(file).catch(() => null);
  if (found?.isFile() !== true) return { problem: `${logo} does not exist` };
  if (found.size > LARGEST_LOGO) return { problem: `${logo} has more than ${LARGEST_LOGO / 1024} KiB` };
  return { url: `data:${type};base64,${(await readFile(file)).toString('base64')}` };
}

const textOf = (value: unknown): string | null =>
  typeof value === 'string' && value.trim() !== '' ? value.trim() : null;

/** `@acme/team-tools` -> `Team Tools`. */
function titleOf(name: string): string {
  const words = name.replace(/^@[^/]*\//, '').split(/[-_.\s]+/);
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(' ');
}
