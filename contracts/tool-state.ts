/** A tool in the monolith, in `GET /api/registry/tool-states`. */
export interface ToolState {
  readonly id: string;
  /** `stopped`: no request needs it, and the next one starts it. `failed`: it is started again with a growing delay. */
  readonly state: 'running' | 'starting' | 'stopped' | 'failed';
  /** Why a `failed` tool is not served, else `null`. */
  readonly problem: string | null;
  /** Seconds until a `failed` tool is started again, else `null`. */
  readonly retryAfter: number | null;
}

/** The service of an exported tool, in `GET /api/registry/service-states`. */
export interface ServiceState {
  readonly id: string;
  /** `degraded`: some instances are ready. `not-ready`: an instance answers, and none is ready. */
  readonly state: 'ready' | 'degraded' | 'not-ready' | 'down';
  readonly instances: number;
  readonly ready: number;
}
