import type { GateVerdict } from '../../contracts/gates.ts';
import type { ShadowResult } from '../../contracts/job.ts';
import type { Json } from '../../contracts/plan.ts';
import type { Settings } from '../../contracts/settings.ts';
import type { ExportRecord, ToolDeployment } from '../../contracts/tool.ts';
import type { DatabasePort, ProgressPort } from '../../extraction/api.ts';
import type { ArchivePort } from '../../extraction/archive/archive-api.ts';
import type { LivePort } from '../../extraction/live/live-api.ts';
import type { ContainersPort, GatewayPort } from './infrastructure-ports.ts';

/** Messages and progress of an operation. Only the reporter behind it prints. */
export interface ReportPort extends ProgressPort {
  /** What became of a gate; the last word counts. A gate of which nothing is said was not run. */
  gate(verdict: GateVerdict): void;
}

/** Folder below the state folder with large files that a rollback restores, by their checksum. */
export const KEPT_CONTENTS = 'contents';

/** Mode of a program. */
export const EXECUTABLE = 0o755;

/**
 * The workspace's files. Paths are relative to its root, with POSIX separators; a path that leaves the root is
 * refused. Below `contracts/` are the sources of the platform, which may lie elsewhere and are only read. What is no text goes in and out as `file-content.ts` writes it. Writing is atomic: readers see the old text or the new one, never half of it.
 */
export interface FilesPort {
  exists(path: string): Promise<boolean>;
  /** `null` when there is no such file. */
  readText(path: string): Promise<string | null>;
  /** Text of a module of the platform, such as `contracts/ids`, in the form that runs. */
  readProgram(name: string): Promise<string>;
  /** The files below a folder, as paths below it; what git ignores, such as results of builds, is left out. */
  list(folder: string): Promise<readonly string[]>;
  /** What git ignores: files and, with a slash at the end, whole folders. Nothing without git. */
  ignored(): Promise<readonly string[]>;
  /** Copies a file as it is, however large; the folders for it are made. */
  copy(from: string, to: string): Promise<void>;
  writeText(path: string, text: string, options?: { readonly mode?: number }): Promise<void>;
  remove(path: string): Promise<void>;
  /** Makes `folder` hold exactly `files` (paths below it), by one rename. Replaces what was there. */
  writeTree(
    folder: string,
    tree: { readonly files: Readonly<Record<string, string>>; readonly executable?: readonly string[] },
  ): Promise<void>;
  /** Removes the folder and all below it; a parent that is empty afterwards and was not tracked goes too. */
  removeTree(folder: string): Promise<void>;
}

/** What has been built and checked before need not be built again: the same source gives the same output. */
export interface BuildsPort {
  /**
   * Runs `build` unless the very same source has been built with the very same `recipe` before; then its output is put
   * in place instead. A build that throws is not kept.
   */
  once(
    spec: {
      /** Source, relative to the root. */
      readonly folder: string;
      /** All that decides the result beside the source: programs, arguments. */
      readonly recipe: string;
      /** Folder below the source that the build makes, and the file without which it is not complete. */
      readonly output?: { readonly folder: string; readonly needed: string };
    },
    build: () => Promise<void>,
  ): Promise<'built' | 'kept'>;
}

/** Folders in which an app finds nothing of the monolith: no packages and no code lie above them. */
export interface IsolationPort {
  /**
   * Installs the app's locked packages by `npm ci` in an empty folder, or takes them from an earlier installation of the
   * same packages, and puts them into the app's folder, relative to the root.
   */
  install(folder: string): Promise<'installed' | 'kept'>;
  /** Copies the app with its installed packages to an empty folder for `work`. The copy is removed afterwards. */
  within<T>(folder: string, work: (copy: string) => Promise<T>): Promise<T>;
  /** Removes the folders of this job that a killed process has left. Safe to call twice. */
  clear(): Promise<void>;
}

/** A process of ours, run to its end. Output is captured, never inherited. */
export interface RunResult {
  readonly exitCode: number;
  /** Standard output and error in the order of their arrival, at most 32 KiB of its beginning and of its end. */
  readonly output: string;
}

/** Child processes. Never through a shell. */
export interface ProcessPort {
  /** Runs to the end; killed when the ports' signal aborts. `cwd` is absolute, or relative to the root. */
  run(
    command: string,
    args: readonly string[],
    options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
  ): Promise<RunResult>;
  /** Path of the Node that runs us: the pinned one. */
  readonly node: string;
  /** Starts a process that outlives us. Returns its pid. Output goes to `logFile`. */
  startDetached(spec: DetachedProcess): Promise<number>;
  /** Ends every process whose command line holds `marker`: SIGTERM, then SIGKILL after the grace. */
  endMatching(marker: string, graceMs: number): Promise<number>;
  findMatching(marker: string): Promise<readonly number[]>;
}

export interface DetachedProcess {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Names of variables that are handed on from our own environment. */
  readonly passEnv: readonly string[];
  readonly logFile: string;
}

/** Generated passwords: below `.platform/secrets/`, mode 0600, never in a plan, a log or git. */
export interface SecretsPort {
  /** The secret of this name, made on first use. Safe to call twice. */
  ensure(name: string): Promise<string>;
  /** @throws when it does not exist. */
  read(name: string): Promise<string>;
  remove(name: string): Promise<void>;
  /** Absolute path of the file that holds it. */
  pathOf(name: string): string;
}

/** The registry, as the exporter changes it. */
export interface RegistryPort {
  /** Sends the tool's traffic to the service, or to the monolith again (`null`). Requests that wait go on there. */
  setRoute(
    toolId: string,
    route: {
      readonly serviceUrl: string;
      readonly webRoot: string;
      readonly deployment?: ToolDeployment;
    } | null,
  ): Promise<void>;
  /** Lets new requests for the tool wait at the platform, at most `ms`; resolves when they do. */
  hold(toolId: string, ms: number): Promise<void>;
  /** They go on. `setRoute` does so, too. */
  release(toolId: string): Promise<void>;
  setExported(toolId: string, record: ExportRecord | null): Promise<void>;
  /** Lets the platform compare answers of the monolith with those of the service for `ms`, from now on. */
  startShadow(toolId: string, spec: ShadowSpec): Promise<void>;
  /** What has been found so far. */
  readShadow(toolId: string): Promise<ShadowCounts>;
  /** Ends the comparison. Safe to call twice. */
  endShadow(toolId: string): Promise<void>;
}

export type ShadowSpec = {
  /** Base URL of the service, as the platform reaches it. */
  readonly instance: string;
  /** JSON pointers of fields that differ by nature; `*` stands for any name or index. */
  readonly ignored: readonly string[];
  readonly ms: number;
};

export type ShadowCounts = ShadowResult & {
  /** Comparisons that are under way. */
  readonly open: number;
  /** Some differences, in words. */
  readonly examples: readonly string[];
};

/** HTTP as a health check needs it. */
export interface HttpPort {
  /** Status 0: no answer. */
  get(
    url: string,
    options?: { readonly timeoutMs?: number; readonly headers?: Readonly<Record<string, string>> },
  ): Promise<{ readonly status: number; readonly body: string }>;
}

/** The repository's git. */
export interface GitPort {
  /** Reads only; takes none of git's locks. */
  state(): Promise<GitState>;
}

export interface GitState {
  /** Full id of HEAD; `null` when there is no repository or no commit yet. */
  readonly commit: string | null;
  /** Changed and untracked files, relative to the root. */
  readonly dirty: readonly string[];
}

/** The platform that serves this repository. */
export interface PlatformPort {
  /** `null` when it does not answer. */
  find(): Promise<RunningPlatform | null>;
}

export interface RunningPlatform {
  readonly url: string;
  readonly gatewayPort: number;
  /** Whether it requires tokens; `null` when it was started by an older version, which did not record it. */
  readonly mode: Settings['mode'] | null;
}

/** What steps read before anything is planned. */
export interface ReadPorts {
  /** Absolute path of the repository. */
  readonly root: string;
  /** Administrator's address of the database that holds the tool's tables; it holds a password, so no plan does. */
  readonly sourceUrl: string;
  readonly files: Pick<FilesPort, 'list' | 'readText' | 'ignored'>;
  readonly gateway: Pick<GatewayPort, 'validate'>;
  readonly containers: Pick<ContainersPort, 'occupied'>;
  /** Texts that were formatted before; absent where nothing is cached. */
  readonly formatted?: FormattedTexts;
}

/** Keeps formatted texts, each under the checksum of everything that decides it. */
export interface FormattedTexts {
  /** `null`: not kept. */
  get(key: string): Promise<string | null>;
  /** Best effort: a text that cannot be kept is formatted again. */
  keep(key: string, text: string): Promise<void>;
}

/**
 * The outside world, as steps see it. Types only here; adapters are chosen once, where the ports are opened.
 * Undo runs with a `signal` of its own, which the cancellation of the export does not reach.
 */
export interface Ports {
  readonly settings: Settings;
  /** Absolute path of the repository. */
  readonly root: string;
  readonly signal: AbortSignal;
  readonly report: ReportPort;
  readonly files: FilesPort;
  /** Without it everything is built each time. */
  readonly builds?: BuildsPort;
  readonly isolation: IsolationPort;
  readonly processes: ProcessPort;
  readonly secrets: SecretsPort;
  readonly registry: RegistryPort;
  readonly http: HttpPort;
  readonly gateway: GatewayPort;
  readonly containers: ContainersPort;
  readonly database: DatabasePort;
  readonly live: LivePort;
  readonly archive: ArchivePort;
  readonly git: GitPort;
  readonly platform: PlatformPort;
  /** One writer of the compose file and the gateway at a time, over all exports. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
  /** Kept with the job when it ends: addresses, checksums. Later values replace earlier ones of the same name. */
  remember(name: string, value: Json): void;
  /** A value that was kept with the job, also by an earlier process; `undefined` when there is none. */
  recall(name: string): unknown;
}
