import { globSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { SUITES, type Requirement } from '../../script/tests/suites.ts';

/** What a test that imports one of these cannot do without. */
const BRINGS: Readonly<Record<string, Requirement>> = {
  'test/support/small-disk.ts': 'mount',
  'playwright-core': 'chromium',
  'test/support/browser.ts': 'chromium',
  'test/support/nginx-gateway.ts': 'nginx',
  'test/support/docker-engine.ts': 'docker',
  'test/extraction/support/dump.ts': 'postgresql',
};

describe('the table of test suites', () => {
  const files = globSync('test/**/*.test.ts', { exclude: ['**/fixtures/**'] });

  it('assigns every test file to a suite', () => {
    expect(files).to.have.length.above(20);
    for (const file of files)
      expect(
        SUITES.some(({ files: globs }) => globs.some((glob) => path.matchesGlob(file, glob))),
        file,
      ).to.equal(true);
  });

  it('lists the requirements of each test file', () => {
    for (const file of files) {
      const suite = SUITES.find(({ files: globs }) => globs.some((glob) => path.matchesGlob(file, glob)));
      for (const need of needsOf(file))
        expect(suite?.needs, `${file} in "${suite?.name ?? ''}"`).to.include(need);
    }
  });
});

/** Of the file and of all below `test/` that it imports. */
function needsOf(file: string, seen = new Set<string>()): ReadonlySet<Requirement> {
  const needs = new Set<Requirement>();
  if (seen.has(file) || !(statSync(file, { throwIfNoEntry: false })?.isFile() ?? false)) return needs; // a string that looks like an import
  seen.add(file);
  for (const [, specifier = ''] of readFileSync(file, 'utf8').matchAll(
    /^(?:import|export|\} from).*?'([^']+)'/gm,
  )) {
    const target = specifier.startsWith('.')
      ? path.posix.join(path.posix.dirname(file), specifier)
      : specifier;
    const need = BRINGS[target];
    if (need !== undefined) needs.add(need);
    if (target.startsWith('test/')) for (const more of needsOf(target, seen)) needs.add(more);
  }
  return needs;
}
