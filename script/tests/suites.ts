/** A program or service outside the repository that a suite needs. */
export type Requirement = 'docker' | 'nginx' | 'chromium' | 'postgresql' | 'mount';

export interface Suite {
  readonly name: string;
  /** Globs below the repository. A file belongs to the first suite that matches it. */
  readonly files: readonly string[];
  readonly needs: readonly Requirement[];
  /** A process for each file: what a file starts is heavy, and shares nothing with the next. */
  readonly each?: boolean;
  /** Needs `TEST_DATABASE_URL`, a database of its own. */
  readonly database?: boolean;
}

/**
 * The whole test suite, heavy parts first so that they do not end alone. The last row takes every other file.
 */
export const SUITES: readonly Suite[] = [
  {
    name: 'units',
    files: ['test/**/*.unit.test.ts', 'tools/*/tests/{unit,frontend}/**/*.test.ts'],
    needs: [],
  },
  { name: 'docker', files: ['test/**/*docker*.test.ts'], needs: ['docker', 'nginx'], each: true },
  {
    name: 'served web app',
    files: ['test/exporter/generate/web-app/served.test.ts'],
    needs: ['nginx', 'chromium'],
  },
  { name: 'browser', files: ['test/**/*{browser,dashboard,axe}*.test.ts'], needs: ['chromium'], each: true },
  { name: 'nginx', files: ['test/**/*nginx*.test.ts'], needs: ['nginx'] },
  {
    name: 'beside pg_dump',
    files: ['test/extraction/**/{corners,*oracle,*sample,*dump}*.test.ts'],
    needs: ['postgresql'],
  },
  { name: 'full disks', files: ['test/e2e/full-database-disk.test.ts'], needs: ['mount'] },
  { name: 'end to end', files: ['test/e2e/**/*.test.ts'], needs: [], each: true },
  { name: 'closure', files: ['test/**/*closure*.test.ts'], needs: [], each: true },
  { name: 'tools', files: ['tools/*/tests/integration/**/*.test.ts'], needs: [], database: true },
  { name: 'extraction', files: ['test/extraction/**/*.test.ts'], needs: [] },
  { name: 'inspection', files: ['test/inspection/**/*.test.ts'], needs: [] },
  { name: 'exporter', files: ['test/exporter/**/*.test.ts'], needs: [] },
  { name: 'registry', files: ['test/registry-api/**/*.test.ts'], needs: [] },
  { name: 'generators', files: ['test/generators/**/*.test.ts'], needs: [] },
  { name: 'platform', files: ['test/monolith/**/*.test.ts'], needs: [] },
  { name: 'everything else', files: ['test/**/*.test.ts'], needs: [] },
];
