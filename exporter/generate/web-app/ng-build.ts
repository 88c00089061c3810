/**
 * Builds one Angular application: `node ng-build.ts <folder> <cache folder>`.
 *
 * The same build as `ng build` in that folder (same builder, same options from its angular.json), without the CLI and
 * with one cache for all exported apps, so that shared packages are transformed once. Several builds may use the cache
 * at the same time. Exit code 0 when the build succeeded; the builder's output goes to standard output.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Architect } from '@angular-devkit/architect';
import {
  WorkspaceNodeModulesArchitectHost,
  type WorkspaceHost,
} from '@angular-devkit/architect/node/index.js';
import { logging, schema, type json } from '@angular-devkit/core';

interface Target {
  readonly builder: string;
  readonly options: json.JsonObject;
  readonly configurations: Readonly<Record<string, json.JsonObject>>;
  readonly defaultConfiguration: string;
}
interface Project {
  readonly root: string;
  readonly sourceRoot: string;
  readonly architect: Readonly<Record<string, Target>>;
}
interface Workspace {
  readonly projects: Readonly<Record<string, Project>>;
}

/** The same for all apps: Angular keeps a cache for each name. */
const PROJECT = 'exported-app';

const [folder = '.', cache = '.angular/cache'] = process.argv.slice(2).map((arg) => path.resolve(arg));
// Builders search for configuration such as browserslist from the working directory
process.chdir(folder);
process.exitCode = (await build()) ? 0 : 1;

async function build(): Promise<boolean> {
  const workspace = JSON.parse(await readFile(path.join(folder, 'angular.json'), 'utf8')) as Workspace;
  const [project] = Object.values(workspace.projects);
  if (project === undefined) throw new Error(`${folder}/angular.json has no project`);
  const registry = new schema.CoreSchemaRegistry();
  registry.addPostTransform(schema.transforms.addUndefinedDefaults);
  const architect = new Architect(new WorkspaceNodeModulesArchitectHost(hostOf(project), folder), registry);
  const logger = new logging.Logger('build');
  logger.subscribe(({ message }) => process.stdout.write(`${message}\n`));
  const scratch = await mkdtemp(path.join(tmpdir(), 'ng-build-'));
  try {
    const overrides = { tsConfig: await withoutBuildInfo(project, scratch) };
    const run = await architect.scheduleTarget({ project: PROJECT, target: 'build' }, overrides, { logger });
    const { success, error } = await run.lastOutput;
    await run.stop();
    if (error !== undefined) process.stdout.write(`${error}\n`);
    return success;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The app's tsconfig without TypeScript's build info, which Angular would keep in the cache, one for all apps. */
async function withoutBuildInfo({ architect }: Project, scratch: string): Promise<string> {
  const file = path.join(scratch, 'tsconfig.json');
  const own = architect['build']?.options['tsConfig'];
  if (typeof own !== 'string') throw new Error(`${folder}/angular.json: the target build has no tsConfig`);
  const config = { extends: path.resolve(folder, own), compilerOptions: { incremental: false } };
  await writeFile(file, JSON.stringify(config));
  return path.relative(folder, file); // Angular joins it to the app's folder
}

/** Same answers as Angular's own reader of angular.json, but with our cache folder. */
function hostOf(project: Project): WorkspaceHost {
  const target = (name: string): Target => {
    const found = project.architect[name];
    if (found === undefined) throw new Error(`angular.json: the project has no target ${name}`);
    return found;
  };
  return {
    getBuilderName: (_, name) => Promise.resolve(target(name).builder),
    getOptions: (_, name, configuration) => {
      const { options, configurations } = target(name);
      return Promise.resolve(configuration === undefined ? options : (configurations[configuration] ?? {}));
    },
    getMetadata: () =>
      Promise.resolve({
        root: project.root,
        sourceRoot: project.sourceRoot,
        cli: { cache: { enabled: true, environment: 'all', path: cache } },
      }),
    hasTarget: (_, name) => Promise.resolve(project.architect[name] !== undefined),
    getDefaultConfigurationName: (_, name) => Promise.resolve(target(name).defaultConfiguration),
  };
}
