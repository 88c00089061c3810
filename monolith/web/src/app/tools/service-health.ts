import { HttpErrorResponse, httpResource } from '@angular/common/http';
import { computed, type Signal } from '@angular/core';
import type { RegistryTool } from '#contracts/tool';
import { problemOf } from '../core/problem';

export interface HealthState {
  readonly kind: 'asking' | 'healthy' | 'down';
  readonly text: string;
  /** Version that the running service names. */
  readonly version: string | null;
}

interface HealthBody {
  readonly status: string;
  readonly service: string;
  readonly version: string;
}

export interface ServiceHealth {
  readonly state: Signal<HealthState>;
  ask(): void;
}

/**
 * The health of an exported tool's service, asked through the tool's old address, which the platform passes on.
 * Call it where a component is made.
 */
export function serviceHealth(tool: () => RegistryTool): ServiceHealth {
  const answer = httpResource<HealthBody>(() =>
    tool().isExported ? `/api/tools/${encodeURIComponent(tool().toolId)}/health` : undefined,
  );
  return {
    state: computed(() => {
      const error = answer.error();
      if (error !== undefined) return { kind: 'down', text: downText(error), version: null };
      if (!answer.hasValue()) return { kind: 'asking', text: 'checking…', version: null };
      const { status, version } = answer.value();
      return { kind: status === 'healthy' ? 'healthy' : 'down', text: status, version };
    }),
    ask: () => void answer.reload(),
  };
}

function downText(error: unknown): string {
  if (error instanceof HttpErrorResponse && error.status === 503) {
    const body = error.error as { readonly detail?: string } | null;
    return body?.detail ?? 'the service answers, but its database does not';
  }
  return problemOf(error).detail;
}
