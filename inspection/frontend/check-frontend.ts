import type { Finding } from '../../contracts/plan.ts';
import { checkAddresses } from './addresses.ts';
import { checkEntry } from './entry.ts';
import { checkIgnored } from './ignored.ts';
import { checkImports } from './imports.ts';
import { checkSelectors } from './selectors.ts';
import { checkStorage } from './storage.ts';
import { checkResources, checkStyles } from './styles.ts';
import type { FrontendCheck, FrontendContext } from './context.ts';

const CHECKS: readonly FrontendCheck[] = [
  checkEntry,
  checkImports,
  checkIgnored,
  checkSelectors,
  checkStyles,
  checkResources,
  checkAddresses,
  checkStorage,
];

/** Finds frontend code that would not work in a separate web app; sorted by file and line. */
export async function checkFrontend(context: FrontendContext): Promise<readonly Finding[]> {
  const found = await Promise.all(CHECKS.map(async (check) => check(context)));
  return found
    .flat()
    .sort((a, b) => (a.file ?? '').localeCompare(b.file ?? '', 'en') || (a.line ?? 0) - (b.line ?? 0));
}
