import type { Finding } from '../../contracts/plan.ts';

/** Text by path, relative to the repository; `null`: there is no such file. */
export type GatewayFiles = Readonly<Record<string, string | null>>;

/** What nginx itself says of the gateway as it would be. */
export interface GatewayVerdict {
  /** `nginx 1.22.1 on this machine`; `null`: there is no nginx to ask, so `nginx -t` was not run. */
  readonly testedBy: string | null;
  /** nginx's words; `null` when it has no objection. */
  readonly problem: string | null;
}

/** The gateway's nginx, on this machine or in its container. */
export interface GatewayPort {
  /** Tests a copy of the gateway with `files` put in; the gateway itself never sees them. */
  validate(files: GatewayFiles): Promise<GatewayVerdict>;
  /**
   * Lets the gateway that runs read its files again: requests under way end on the old ones. Resolves when the
   * new ones serve. `not-running` when there is none, and then nothing needs to be done.
   */
  reload(): Promise<'reloaded' | 'not-running'>;
}

/** A container as the engine sees it. */
export interface ContainerState {
  readonly name: string;
  /** `running`, `exited`, …; `missing` when the engine does not know it. */
  readonly status: string;
  /** `healthy`, `starting`, `unhealthy`; `none` when it has no health check. */
  readonly health: string;
  readonly exitCode: number;
  /** Its last lines. */
  readonly log: string;
}

/** Docker, as the export uses it: compose makes containers from the compose file, the engine is asked about them. */
export interface ContainersPort {
  /** @throws PlatformError `engine-unavailable` */
  ping(): Promise<void>;
  /** Builds `folder` (relative to the repository) by its own Dockerfile. Tells each line to the report. */
  build(image: {
    readonly tag: string;
    readonly folder: string;
    readonly toolId: string;
    readonly args: Readonly<Record<string, string>>;
  }): Promise<void>;
  /** Reads a compose file as compose does. @throws PlatformError with what is wrong in it */
  check(composeText: string): Promise<void>;
  /**
   * Starts services of a compose file whose text is given, as it is or will be at the root of the repository.
   * `variables` are what the file reads from its environment beside the settings of this machine.
   */
  up(
    composeText: string,
    services: readonly string[],
    variables?: Readonly<Record<string, string>>,
  ): Promise<void>;
  /** Containers and volumes in the place of those that the export would make, as findings. */
  occupied(wanted: {
    readonly toolId: string;
    readonly project: string;
    readonly containers: readonly string[];
  }): Promise<readonly Finding[]>;
  /** What carries the labels of the tool and of this compose project; nothing when the engine does not answer. */
  labelled(toolId: string): Promise<
    readonly {
      readonly kind: 'containers' | 'volumes' | 'networks';
      readonly name: string;
      /** Removes it by hand. */
      readonly command: string;
    }[]
  >;
  state(name: string): Promise<ContainerState>;
  /** Waits until the container is healthy. @throws PlatformError `health-failed` with its last lines. */
  waitHealthy(name: string, timeoutMs: number): Promise<void>;
  /** Lets the user of the service's container, and nobody else, read the secret. */
  handOver(secretFile: string): Promise<void>;
  /** Removes these containers of the tool, and proves that they are gone. */
  remove(toolId: string, names: readonly string[]): Promise<void>;
  /**
   * Removes what carries the label of the tool, of the kinds asked for, and proves that it is gone.
   * @throws PlatformError naming what is left
   */
  removeAll(
    toolId: string,
    kinds: readonly ('containers' | 'images' | 'volumes' | 'networks')[],
  ): Promise<void>;
}
