import type { PartOfFacts } from '../../core/facts.ts';

/** What stands between the tool and its service: the compose file, the gateway, the engines of this machine. */
export interface InfrastructureFacts extends PartOfFacts {
  /** Text of `docker-compose.poc.yml` as it stands; `null` when there is none. */
  readonly composeText: string | null;
  /** Text of the tool's file in `gateway/conf.d/`; `null` when there is none. */
  readonly gatewayText: string | null;
  /** Text of the tool's file in `gateway/upstreams.d/`; `null` when there is none. */
  readonly upstreamText: string | null;
  /** Port on which the gateway answers now, as the running platform says. */
  readonly gatewayPort: number;
  /** Port of this machine that leads to the service's database when that is a container. */
  readonly databasePort: number;
  /** Ports of the second and every further instance. */
  readonly replicaPorts: readonly number[];
  /** Variables that tell the service where the platform is and whose tokens it accepts; empty keys: development only. */
  readonly platformKeys: Readonly<Record<string, string>>;
  /** The compose project of this folder. */
  readonly composeProject: string;
  /** Whether the running platform is a container of the same compose project (docker runtime). */
  readonly platformInContainer?: boolean;
}
