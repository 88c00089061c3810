import type { Cutover, Finding } from '../../../contracts/plan.ts';
import { finding, remedyOr } from '../../../extraction/index.ts';

export interface CutoverQuestion {
  readonly requested: Cutover | 'auto';
  /** Whether answers of both sides are to be compared before the switch, which only a live cut-over can. */
  readonly shadow: boolean;
  /** Number of the tool's stored tables. */
  readonly tables: number;
  /** Why writes cannot go on (`live-impossible`), each with its own remedy, if there is one. */
  readonly limits: readonly Finding[];
}

export interface CutoverChoice {
  readonly cutover: Cutover;
  /** Why `auto` chose the fenced cut-over, or why the live one that was requested is impossible. */
  readonly findings: readonly Finding[];
}

/** Reasons that a line names; a tool may have hundreds of tables. */
const SHOWN_REASONS = 8;

/**
 * Chooses the cut-over. `auto` is live wherever writes can go on, and fenced where something prevents it. A tool without
 * tables has no writes that could stop: its cut-over is live and needs nothing of the server. Pure.
 */
export function chooseCutover({ requested, shadow, tables, limits }: CutoverQuestion): CutoverChoice {
  if (requested === 'fenced') return { cutover: 'fenced', findings: [] };
  if (tables === 0) return { cutover: 'live', findings: shadow ? [NOTHING_TO_FOLLOW] : [] };
  if (limits.length === 0) return { cutover: 'live', findings: [] };
  if (requested === 'auto' && !shadow) return { cutover: 'fenced', findings: [whyFenced(limits)] };
  const instead = requested === 'live' ? 'export with --cutover=fenced' : 'export without --shadow';
  return {
    cutover: 'live',
    findings: limits.map((limit) => ({ ...limit, remedy: remedyOr(limit.remedy, instead) })),
  };
}

function whyFenced(limits: readonly Finding[]): Finding {
  const reasons = limits.map(({ message }) => message.replace(/\.$/, ''));
  const remedies = [...new Set(limits.map(({ remedy }) => remedy).filter((remedy) => remedy !== ''))];
  return finding({
    code: 'cutover-fenced',
    severity: 'info',
    message: `Writes stop during the copy: ${shown(reasons)}`,
    remedy: remedies.length < 1 ? '' : `For a live cut-over, in which writes go on: ${shown(remedies)}`,
  });
}

function shown(texts: readonly string[]): string {
  const more = texts.length - SHOWN_REASONS;
  const named = texts.slice(0, SHOWN_REASONS).join('; ');
  return more > 0 ? `${named}; and ${more} more (--cutover=live --dry-run names all)` : named;
}

const NOTHING_TO_FOLLOW = finding({
  code: 'live-impossible',
  severity: 'error',
  message: 'A tool without tables is switched without a copy that follows, so no answers can be compared',
  remedy: 'Leave --shadow out',
});
