import type { Finding } from '../../contracts/plan.ts';

/** Text by path, relative to the repository; `null`: the file does not exist. */
export type GatewayFiles = Readonly<Record<string, string | null>>;

/** The result of testing the planned gateway configuration with nginx. */
export interface GatewayVerdict {
  /** `nginx 1.22.1 of this machine`; `null`: no nginx that is, or can become, the gateway has tested it. */
  readonly testedBy: string | null;
  /** Why `testedBy` is `null`; default: nginx is not installed. */
  readonly untested?: string;
  /** The errors that nginx reports; `null` when it accepts the configuration. */
  readonly problem: string | null;
}

/** The gateway's nginx, on this machine or in its container. */
export interface GatewayPort {
  /** Tests a copy of the gateway with `files` added. Does not touch the gateway itself. */
  validate(files: GatewayFiles): Promise<GatewayVerdict>;
  /**
   * Makes the running gateway reload its files: requests in progress finish on the old ones. Resolves when the new
   * files serve. `not-running` when no gateway runs; then nothing needs to be done.
   */
  reload(): Promise<'reloaded' | 'not-running'>;
}

/** A container as the engine sees it. */
export interface ContainerState {
  /** Service of the compose file. */
  readonly name: string;
  /** `running`, `exited`, …; `missing` when the engine does not know it. */
  readonly status: string;
  /** `healthy`, `starting`, `unhealthy`; `none` when it has no health check. */
  readonly health: string;
  readonly exitCode: number;
  /** Last lines of its log. */
  readonly log: string;
}

/** Whose resources: those of one tool in one compose project. */
export interface ResourceOwner {
  readonly toolId: string;
  /** The project at the time of the export: the compose file may have another name since. Default: the present one. */
  readonly project?: string;
}

/** Docker, as the export uses it: compose creates containers from the compose file, the engine reports their state. */
export interface ContainersPort {
  /** @throws PlatformError `engine-unavailable` */
  ping(): Promise<void>;
  /** Builds `folder` (relative to the repository) with its own Dockerfile. Logs each line of output. */
  build(image: {
    readonly tag: string;
    readonly folder: string;
    readonly toolId: string;
    readonly args: Readonly<Record<string, string>>;
    /** The image that the last stage is made from, for the labels of OCI; `digest` is `''` when it is not known. */
    readonly base: { readonly name: string; readonly digest: string };
  }): Promise<void>;
  /** Validates a compose file with compose. @throws PlatformError with the error that compose reports */
  check(composeText: string): Promise<void>;
  /**
   * Starts services of the compose file, as compose by hand would: variables of this process that the file reads are
   * ignored. Leaves no volume or network of other services. One export at a time: see `exclusively`.
   */
  up(services: readonly string[]): Promise<void>;
  /** Findings for existing containers and volumes that stand in the way of the ones that the export would create. */
  occupied(wanted: {
    readonly toolId: string;
    readonly project: string;
    /** Services of the compose file. */
    readonly services: readonly string[];
  }): Promise<readonly Finding[]>;
  /** What carries the labels of the tool and of this compose project; nothing when the engine does not answer. */
  labelled(toolId: string): Promise<
    readonly {
      readonly kind: 'containers' | 'builds' | 'volumes' | 'networks' | 'images';
      readonly name: string;
      /** Removes it by hand. */
      readonly command: string;
    }[]
  >;
  /** The state of the first container of a service. */
  state(service: string): Promise<ContainerState>;
  /** Waits until each container of the service is healthy. @throws PlatformError `health-failed` with its last log lines. */
  waitHealthy(service: string, timeoutMs: number): Promise<void>;
  /** Makes the secret readable by the user of the service's container only. */
  handOver(secretFile: string): Promise<void>;
  /** Writes the values of these variables to a file, as JSON, and hands it over. Those that are not set are left out. */
  handOverVariables(file: string, names: readonly string[]): Promise<void>;
  /** Removes the containers of these services of the tool, and verifies their removal. */
  remove(owner: ResourceOwner, services: readonly string[]): Promise<void>;
  /**
   * Removes all resources of the given kinds that carry the labels of the owner, and verifies their removal.
   * @throws PlatformError naming the resources that remain
   */
  removeAll(
    owner: ResourceOwner,
    kinds: readonly ('containers' | 'builds' | 'volumes' | 'networks' | 'images')[],
  ): Promise<void>;
}
