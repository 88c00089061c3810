import type { Finding, Runtime, StepId } from '../../../contracts/plan.ts';
import type { ImportEdge, PackageLock } from '../../../inspection/index.ts';
import { closureOf, cutLock, type CutRequest } from '../cut-lock.ts';
import { checkPortability } from './check-packages.ts';
import { cutNpmrc } from './cut-npmrc.ts';
import { cutOverrides, nameOf } from './cut-overrides.ts';
import { readNpmProject, type Overrides } from './read-npm-project.ts';

/** What npm needs to install the packages of an exported app in an empty folder. */
export interface NpmFiles {
  readonly overrides: Overrides;
  /** `package-lock.json` and, where the repository has settings that count, `.npmrc`. */
  readonly files: Readonly<Record<string, string>>;
  /** The lock file; `null` when it cannot be cut, which `findings` then explain. */
  readonly lock: PackageLock | null;
  readonly findings: readonly Finding[];
}

/** Cuts the npm files of an exported app from those of the repository, and finds what cannot be installed elsewhere. */
export async function planPackages(request: {
  readonly root: string;
  readonly step: StepId;
  readonly app: string;
  readonly runtime: Runtime;
  readonly lock: PackageLock;
  readonly project: CutRequest;
  readonly edges: readonly ImportEdge[];
}): Promise<NpmFiles> {
  const { root, lock, project, ...place } = request;
  const repository = await readNpmProject(root);
  const closure = closureOf(lock, project);
  const npmrc = cutNpmrc(repository.npmrc, closure.folders.map(nameOf));
  const { privateRegistries } = npmrc;
  const findings = checkPortability({ ...place, lock, project: repository, closure, privateRegistries });
  const cut = closure.problems.length === 0 ? cutLock(lock, project) : null;
  return {
    overrides: cutOverrides(repository, closure.folders, {
      ...project.devDependencies,
      ...project.dependencies,
    }),
    files: {
      ...(cut === null ? {} : { 'package-lock.json': `${JSON.stringify(cut, null, 2)}\n` }),
      ...(npmrc.text === '' ? {} : { '.npmrc': npmrc.text }),
    },
    lock: cut,
    findings,
  };
}
