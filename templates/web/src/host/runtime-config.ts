import { InjectionToken } from '@angular/core';
import { environment } from '../environments/environment';

export interface RuntimeConfig {
  /** Where the service answers, without a trailing slash. */
  readonly apiUrl: string;
  /** Origin of the platform, without a trailing slash; empty for the origin of this page. */
  readonly platformUrl: string;
}

export const RUNTIME_CONFIG = new InjectionToken<RuntimeConfig>('RUNTIME_CONFIG');

/**
 * Reads `config.json` from beside index.html, so that one build serves every place it is put.
 * What is missing there, or is not text, comes from the environment of the build. Never rejects.
 */
export async function loadRuntimeConfig(): Promise<RuntimeConfig> {
  const served = await fetchConfig();
  const text = (key: keyof RuntimeConfig): string => {
    const value = served[key];
    return (typeof value === 'string' ? value : environment[key]).replace(/\/+$/, '');
  };
  return { apiUrl: text('apiUrl'), platformUrl: text('platformUrl') };
}

async function fetchConfig(): Promise<Readonly<Record<string, unknown>>> {
  try {
    const response = await fetch(new URL('config.json', document.baseURI), { cache: 'no-store' });
    const body: unknown = response.ok ? await response.json() : null;
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  } catch {
    return {}; // absent, or a server that answers every address with index.html
  }
}
