import path from 'node:path';
import type { Finding, Runtime, StepId } from '../../../contracts/plan.ts';
import { linkedPackage, type ImportEdge, type PackageLock } from '../../../inspection/index.ts';
import type { Closure } from '../cut-lock.ts';
import type { PrivateRegistry } from './cut-npmrc.ts';
import { nameOf } from './cut-overrides.ts';
import { INSTALL_SCRIPTS, type NpmProject } from './read-npm-project.ts';

/** The packages of an exported app, as planned. */
export interface PlannedPackages {
  readonly step: StepId;
  /** Name of the app in messages, such as `the service`. */
  readonly app: string;
  readonly runtime: Runtime;
  readonly lock: PackageLock;
  readonly project: NpmProject;
  readonly closure: Closure;
  readonly privateRegistries: readonly PrivateRegistry[];
  /** Imports, which give a package its file and line. */
  readonly edges: readonly ImportEdge[];
}

type Check = (planned: PlannedPackages) => readonly Finding[];

/** Finds packages that `npm ci` in an empty folder would not install as they are in the repository. */
export function checkPortability(planned: PlannedPackages): readonly Finding[] {
  return [incomplete, notOfARegistry, patched, behindCredentials, installScripts].flatMap((check) =>
    check(planned),
  );
}

/** Packages that others need, and that the lock file lacks or holds as a link. */
const incomplete: Check = ({ step, lock, closure }) =>
  closure.problems.map(({ name, from }) => {
    const by = from === '' ? '' : ` ${nameOf(from)} needs it.`;
    const folder = `node_modules/${name}`;
    const entry = lock.packages[folder];
    const { message, remedy } =
      entry === undefined
        ? {
            message: `package-lock.json lacks the package ${name}.`,
            remedy: 'Run npm install in the repository and commit package-lock.json.',
          }
        : {
            ...linkedPackage(name, entry),
            remedy: `Publish ${name} to a registry and install it from there.`,
          };
    return {
      code: 'package-not-portable',
      severity: 'error',
      step,
      file: 'package-lock.json',
      message: message + by,
      remedy,
    };
  });

/** Packages from a file of the repository, or from a git repository, which a container cannot clone. */
const notOfARegistry: Check = ({ step, app, lock, closure, edges }) =>
  closure.folders.flatMap((folder) => {
    const { resolved } = lock.packages[folder] ?? {};
    if (typeof resolved !== 'string' || !/^(file:|git[+:])/.test(resolved)) return [];
    const name = nameOf(folder);
    const why = resolved.startsWith('file:')
      ? `a file that is not part of ${app}`
      : 'a git repository, and the image has no git';
    return [
      {
        code: 'package-not-portable',
        severity: 'error' as const,
        step,
        ...placeOf(name, edges),
        message: `The package ${name} is installed from ${resolved.replace(/#.*/, '')}, ${why}.`,
        remedy: `Publish ${name} to a registry and install it from there, or move the code that the tool needs into shared/.`,
      },
    ];
  });

/** Packages that patch-package changes after the installation in the repository. */
const patched: Check = ({ step, app, project, closure }) => {
  const installed = new Set(closure.folders.map(nameOf));
  return project.patches.flatMap((file) => {
    const name = patchedPackage(file);
    if (!installed.has(name)) return [];
    return [
      {
        code: 'package-not-portable',
        severity: 'error' as const,
        step,
        file,
        message: `This patch changes the package ${name}, which ${app} installs unchanged.`,
        remedy: `Publish the changed package under a name of its own and install it as an alias ("${name}": "npm:NAME@VERSION"), or work around the fault in the code of the tool.`,
      },
    ];
  });
};

/** `patches/a++@scope+name+1.2.3.patch` -> `@scope/name`, which lies in `a`. */
function patchedPackage(file: string): string {
  const [first = '', second = ''] = (path.posix.basename(file).split('++').at(-1) ?? '').split('+');
  return first.startsWith('@') ? `${first}/${second}` : first;
}

/** Packages of registries that ask for credentials. A build of an image has none. */
const behindCredentials: Check = ({ step, app, runtime, privateRegistries, closure }) =>
  privateRegistries.map(({ registry, scope, line }) => {
    const names = [...new Set(closure.folders.map(nameOf))].filter((name) => name.startsWith(`${scope}/`));
    const which = scope === null ? 'the packages' : names.join(', ');
    return {
      code: 'package-not-portable',
      severity: runtime === 'docker' ? ('error' as const) : ('warning' as const),
      step,
      file: '.npmrc',
      line,
      message: `${app} installs ${which} from ${registry}, for which npm needs credentials. The build of an image has none.`,
      remedy:
        'Use a registry that needs no credentials in the network of the build. Outside of containers, npm takes the credentials from ~/.npmrc.',
    };
  });

/** Programs that only manage git hooks or patches, which have a check of their own. */
const HARMLESS = /^(husky|patch-package|lefthook|simple-git-hooks|is-ci|git config)\b/;

/** Scripts of the repository's package.json that may change packages after their installation. */
const installScripts: Check = ({ step, app, project }) =>
  INSTALL_SCRIPTS.flatMap((name) => {
    const commands = (project.scripts[name] ?? '').split(/&&|\|\||;/).map((command) => command.trim());
    if (commands.every((command) => command === '' || HARMLESS.test(command))) return [];
    return [
      {
        code: 'install-script-not-run',
        severity: 'warning' as const,
        step,
        file: 'package.json',
        message: `The script ${name} (${project.scripts[name] ?? ''}) of the repository does not run in ${app}.`,
        remedy: 'If it changes or builds packages that the tool needs, install these packages ready for use.',
      },
    ];
  });

/** Where a package is imported; for one that others need, the lock file. */
function placeOf(
  name: string,
  edges: readonly ImportEdge[],
): { readonly file: string; readonly line?: number } {
  const edge = edges.find(({ target }) => target.kind === 'package' && target.name === name);
  return edge === undefined ? { file: 'package-lock.json' } : { file: edge.file, line: edge.line };
}
