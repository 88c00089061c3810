import { readdirSync } from 'node:fs';
import path from 'node:path';

/** Folders that hold no code of the running application. */
const SKIPPED = new Set([
  ...['node_modules', 'bower_components', 'vendor', 'dist', 'build', 'out', 'coverage', 'tmp', 'logs'],
  ...['test', 'tests', '__tests__', '__mocks__', 'spec', 'e2e', 'cypress', 'fixtures', 'public', 'static'],
]);
const READ = /\.(?:[cm]?[jt]s|[jt]sx|sql|prisma)$/;
const TEST = /\.(?:test|spec|stories|bench|d|min|config)\.[^.]+$/;

/** Code, SQL and Prisma files below a folder, sorted. Tests, build output, packages and hidden folders are left out. */
export function sourceFiles(root: string): readonly string[] {
  const found: string[] = [];
  const visit = (folder: string): void => {
    for (const entry of readdirSync(path.join(root, folder), { withFileTypes: true })) {
      if (entry.name.startsWith('.')) continue;
      const file = folder === '' ? entry.name : `${folder}/${entry.name}`;
      // links are not followed: they may lead out of the source, or in circles
      if (entry.isDirectory()) {
        if (!SKIPPED.has(entry.name)) visit(file);
      } else if (entry.isFile() && READ.test(entry.name) && !TEST.test(entry.name)) found.push(file);
    }
  };
  visit('');
  return found.sort();
}
