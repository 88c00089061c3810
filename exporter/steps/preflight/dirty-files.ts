import path from 'node:path';
import type { ToolNames } from '../../../contracts/naming.ts';
import type { Finding } from '../../../contracts/plan.ts';
import { upstreamFileOf } from '../../generate/infrastructure/gateway-conf.ts';
import type { PreflightFacts } from './facts.ts';
import { COMPOSE_FILE } from '../infrastructure/operations/update-compose.ts';
import type { GitState } from '../../adapters/git/git.ts';
import { readByExport } from '../../core/read-by-export.ts';

export interface PreflightQuestion {
  readonly names: ToolNames;
  readonly allowDirty: boolean;
  readonly portFree: boolean;
  readonly git: GitState;
  /** Paths of the carried files in the exported apps. */
  readonly placed: readonly string[];
  /** Address of the running platform; `null` when it does not answer. */
  readonly platformUrl: string | null;
  /** What was found on the way here. */
  readonly findings?: readonly Finding[];
}

/** Puts together what was read; asks nobody anew. */
export function preflightFactsOf(question: PreflightQuestion): PreflightFacts {
  const { names, git } = question;
  const isRead = readByExport(names, question.placed);
  const apps = [names.apiFolder, names.webFolder].map((folder) => `${folder}/`);
  const shared = [COMPOSE_FILE, names.gatewayFile, upstreamFileOf(path.basename(names.toolFolder))];
  const counts = (file: string): boolean =>
    !question.allowDirty ||
    isRead(file) ||
    shared.includes(file) ||
    apps.some((prefix) => file.startsWith(prefix));
  return {
    findings: question.findings ?? [],
    commit: git.commit ?? '',
    dirty: git.dirty.filter(counts),
    portFree: question.portFree,
    platformUrl: question.platformUrl,
  };
}
