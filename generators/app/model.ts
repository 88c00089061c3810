import { minVersion } from 'semver';
import { kebabCase } from '../../templating/names.ts';
import { PACKAGE_NAME } from '../../templating/roots.ts';
import type { Answers } from './answers.ts';
import {
  rangesOf,
  WORKSPACE_DEPENDENCIES,
  WORKSPACE_DEV_DEPENDENCIES,
  type PlatformPackage,
} from './packages.ts';
import { archiveOf } from './package-spec.ts';

/** Data of the workspace's templates. */
export interface WorkspaceModel {
  readonly name: string;
  /** Name in package.json, and of the image. */
  readonly packageName: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly overrides: Readonly<Record<string, string>>;
  readonly allowScripts: Readonly<Record<string, boolean>>;
  /** Major version of Node that continuous integration starts with. */
  readonly nodeMajor: number;
  /** Archive of the platform inside the workspace; empty without one. */
  readonly packageFile: string;
}

export type RecordedAnswers = Omit<Answers, 'example'>;

export function workspaceModel(answers: RecordedAnswers, platform: PlatformPackage): WorkspaceModel {
  const ranges = new Map([...platform.ranges, [PACKAGE_NAME, answers.package]]);
  const dependencies = rangesOf([PACKAGE_NAME, ...WORKSPACE_DEPENDENCIES], { ranges });
  const devDependencies = rangesOf(WORKSPACE_DEV_DEPENDENCIES, { ranges });
  return {
    name: answers.name,
    packageName: packageName(answers.name, new Set(Object.keys({ ...dependencies, ...devDependencies }))),
    dependencies,
    devDependencies,
    overrides: platform.overrides,
    allowScripts: platform.allowScripts,
    nodeMajor: minVersion(dependencies['node'] ?? '')?.major ?? 24,
    packageFile: archiveOf(answers.package) ?? '',
  };
}

/** npm refuses to install a package into a project of its name. */
function packageName(name: string, installed: ReadonlySet<string>): string {
  const words = kebabCase(name);
  if (words === '') return 'workspace';
  return installed.has(words) ? `${words}-workspace` : words;
}
