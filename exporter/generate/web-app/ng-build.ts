/**
 * Builds one Angular application: `node ng-build.ts <folder> <cache folder>`.
 *
 * The same build as `ng build` in that folder (same builder, same options from its angular.json), without the CLI and
 * with one cache for all exported apps, so that shared packages are transformed once. Exit code 0 when the build
 * succeeded; the builder's output goes to standard output.
 */
import { readFile } from 'node:fs/promises';
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
interface Workspace {
  readonly projects: Readonly<
    Record<string, { root: string; sourceRoot: string; architect: Readonly<Record<string, Target>> }>
  >;
}

const [folder = '.', cache = '.angular/cache'] = process.argv.slice(2).map((arg) => path.resolve(arg));
// Builders search for configuration such as browserslist from the working directory
process.chdir(folder);
process.exitCode = (await build()) ? 0 : 1;

async function build(): Promise<boolean> {
  const workspace = JSON.parse(await readFile(path.join(folder, 'angular.json'), 'utf8')) as Workspace;
  const [name] = Object.keys(workspace.projects);
  if (name === undefined) throw new Error(`${folder}/angular.json has no project`);
  const registry = new schema.CoreSchemaRegistry();
  registry.addPostTransform(schema.transforms.addUndefinedDefaults);
  const architect = new Architect(new WorkspaceNodeModulesArchitectHost(hostOf(workspace), folder), registry);
  const logger = new logging.Logger('build');
  logger.subscribe(({ message }) => process.stdout.write(`${message}\n`));
  const run = await architect.scheduleTarget({ project: name, target: 'build' }, {}, { logger });
  const { success, error } = await run.lastOutput;
  await run.stop();
  if (error !== undefined) process.stdout.write(`${error}\n`);
  return success;
}

/** Same answers as Angular's own reader of angular.json, but with our cache folder. */
function hostOf(workspace: Workspace): WorkspaceHost {
  const project = (name: string) => {
    const found = workspace.projects[name];
    if (found === undefined) throw new Error(`angular.json: there is no project ${name}`);
    return found;
  };
  const target = (name: string, wanted: string): Target => {
    const found = project(name).architect[wanted];
    if (found === undefined) throw new Error(`angular.json: project ${name} has no target ${wanted}`);
    return found;
  };
  return {
    getBuilderName: (name, wanted) => Promise.resolve(target(name, wanted).builder),
    getOptions: (name, wanted, configuration) => {
      const { options, configurations } = target(name, wanted);
      return Promise.resolve(configuration === undefined ? options : (configurations[configuration] ?? {}));
    },
    getMetadata: (name) =>
      Promise.resolve({
        root: project(name).root,
        sourceRoot: project(name).sourceRoot,
        cli: { cache: { enabled: true, environment: 'all', path: cache } },
      }),
    hasTarget: (name, wanted) => Promise.resolve(project(name).architect[wanted] !== undefined),
    getDefaultConfigurationName: (name, wanted) => Promise.resolve(target(name, wanted).defaultConfiguration),
  };
}
