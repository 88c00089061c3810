import path from 'node:path';
import { PlatformError } from '../../../../contracts/errors.ts';
import type { GateName } from '../../../../contracts/gates.ts';
import type { Change } from '../../../../contracts/plan.ts';
import { programOf } from '../../../../templating/roots.ts';
import { buildCacheFolder } from '../../../core/build-cache.ts';
import { firstLines } from '../../../core/first-lines.ts';
import { checksumOf } from '../../../core/file-tree.ts';
import { KEPT_BUILD } from '../../../core/kept-build.ts';
import { LINT_CONFIGS, lintOfRepository } from '../../../core/lint-of-repository.ts';
import type { Ports } from '../../../core/ports.ts';
import type { Operation } from '../../../core/step.ts';
import type { FrontendFacts } from '../facts.ts';
import { filesOf } from '../files.ts';

/** The program that runs Angular's builder; a process of its own, because a build cannot be stopped otherwise. */
const NG_BUILD = 'exporter/generate/web-app/ng-build';
const ESLINT = 'node_modules/eslint/bin/eslint.js';
const LINES = 40;

/** `folder` of the app, `output` of its build: what the gateway serves. A type, because an interface is not JSON. */
export type WebBuild = {
  readonly folder: string;
  readonly output: string;
  readonly toolId: string;
  /** Place of the tool's frontend in the app. */
  readonly toolPlace: string;
  /** Checksum of the code that is carried over. */
  readonly imported: string;
};
export type BuildWebApp = Change<'build-web-app', WebBuild>;

/** The production build, which type-checks code and templates, and ESLint over both, at the same time. */
export const buildWebApp: Operation<BuildWebApp, FrontendFacts> = {
  kind: 'build-web-app',
  undoPhase: 'folders',
  plan(facts) {
    const { webFolder } = facts.names;
    return [
      {
        step: 'frontend',
        kind: 'build-web-app',
        target: `${webFolder}/dist`,
        before: null,
        after: {
          folder: webFolder,
          output: `${webFolder}/dist/browser`,
          toolId: facts.manifest.id,
          toolPlace: facts.frontend.toolPlace,
          imported: checksumOf(filesOf(facts, 'source')),
        },
      },
    ];
  },
  async run(change, ports) {
    const { folder, output } = change.after;
    const build = (): Promise<void> => buildAndLint(change.after, ports);
    if (ports.builds === undefined) {
      await build();
      return;
    }
    const rules = [
      ports.files.readProgram(NG_BUILD),
      ...LINT_CONFIGS.map((file) => ports.files.readText(file)),
    ];
    const recipe = ['ng build, eslint', ...(await Promise.all(rules))].join('\0');
    const needed = path.posix.join(path.posix.relative(change.target, output), 'index.html');
    const kept = { folder, output: { folder: change.target, needed }, recipe };
    const how = await ports.builds.once(kept, build);
    if (how === 'built') return;
    for (const gate of ['web-build', 'web-lint'] as const)
      ports.report.gate({ gate, outcome: 'passed', detail: KEPT_BUILD });
    ports.report.log('info', 'Unchanged since it was last built: reused the kept build');
  },
  async undo(change, ports) {
    await ports.files.removeTree(change.target);
  },
  done: () => 'Build successful',
  undone: () => '',
  wouldUndo: ({ target }) => `Delete ${target}/`,
  would: (change) => `Would build ${change.target}/`,
  removeByHand: (change) => `rm -rf ${change.target}`,
};

/** @throws PlatformError `step-failed` with the output of each failing gate. */
async function buildAndLint(build: WebBuild, ports: Ports): Promise<void> {
  const failures = (
    await Promise.all([
      judge('web-build', ngBuild(build, ports), ports),
      judge('web-lint', lint(build, ports), ports),
    ])
  ).filter((failure) => failure !== null);
  if (failures.length > 0)
    throw new PlatformError(
      'step-failed',
      `${failures.join('\n')}\nCorrect what is named in the tool, commit, and export again.`,
    );
}

/** Reports the verdict of the gate, and returns the failure. */
async function judge(gate: GateName, work: Promise<string | null>, ports: Ports): Promise<string | null> {
  const failure = await work;
  ports.report.gate(
    failure === null ? { gate, outcome: 'passed' } : { gate, outcome: 'failed', detail: failure },
  );
  return failure;
}

async function ngBuild(build: WebBuild, ports: Ports): Promise<string | null> {
  const { folder, output } = build;
  const cache =
    buildCacheFolder(ports.root, ports.settings, 'angular') ??
    path.resolve(ports.root, ports.settings.stateDir, 'cache/angular');
  const args = [programOf(ports.root, NG_BUILD), path.join(ports.root, folder), cache];
  const result = await ports.processes.run(ports.processes.node, args, { cwd: '.' });
  if (result.exitCode === 0 && (await ports.files.exists(`${output}/index.html`))) return null;
  return `${folder}/: the Angular build failed.\n${named(result.output, build, ports)}`;
}

/** The app by its own rules, the tool's code by those of its repository. */
async function lint(build: WebBuild, ports: Ports): Promise<string | null> {
  const { folder, toolId, imported } = build;
  const args = [path.join(ports.root, ESLINT), '.'];
  const results = await Promise.all([
    lintOfRepository({ toolId, folders: ['frontend'], imported }, ports),
    ports.processes.run(ports.processes.node, args, { cwd: folder }),
  ]);
  const failed = results.find((result) => result !== null && result.exitCode !== 0);
  if (failed) return `${folder}/: ESLint failed.\n${named(failed.output, build, ports)}`;
  ports.report.log('success', 'ESLint passed');
  return null;
}

/** The first lines, with the tool's files as they are named in the tool. */
function named(output: string, { folder, toolId, toolPlace }: WebBuild, { root }: Ports): string {
  const place = toolPlace.replaceAll('/', '\\/');
  const text = output
    .replaceAll(`${root}/`, '')
    .replaceAll(`${folder}/`, '')
    .replace(new RegExp(`(?<![\\w/.-])${place}(?!app\\.)`, 'g'), `tools/${toolId}/frontend/`);
  return firstLines(text, LINES);
}
