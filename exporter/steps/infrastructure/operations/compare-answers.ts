import { setTimeout as delay } from 'node:timers/promises';
import { PlatformError } from '../../../../contracts/errors.ts';
import type { ShadowResult } from '../../../../contracts/job.ts';
import type { Change } from '../../../../contracts/plan.ts';
import type { DatabaseRef } from '../../../../extraction/api.ts';
import type { StreamSpec } from '../../../../extraction/live/live-api.ts';
import { orphansInDatabase } from '../../../core/orphans.ts';
import type { Ports, ShadowCounts, ShadowSpec } from '../../../core/ports.ts';
import { sqlCommand } from '../../../core/shell-command.ts';
import type { Operation } from '../../../core/step.ts';
import { liveTables } from '../../../core/streams.ts';
import { routeOf } from './switch-route.ts';

export type CompareAnswers = Change<
  'compare-answers',
  {
    readonly shadow: ShadowSpec;
    readonly out: StreamSpec;
    readonly service: DatabaseRef;
    /** Longest time in milliseconds for the copy to catch up. */
    readonly timeoutMs: number;
  }
>;

/** The {@link ShadowResult} is kept with the job under this name. */
export const SHADOW_RESULT = 'shadow';

const POLL_MS = 500;
const LOG_MS = 10_000;
/** Longest time in milliseconds for comparisons that are under way at the end. */
const REST_MS = 15_000;

/**
 * Sends the tool's GET requests to the service as well, before it serves, and compares the answers. The first difference
 * stops the export.
 */
export const compareAnswers: Operation<CompareAnswers> = {
  kind: 'compare-answers',
  undoPhase: 'configuration',
  plan(facts) {
    const live = liveTables(facts);
    if (live === null || facts.request.shadow === null) return [];
    const { shadow, cutoverTimeoutMs: timeoutMs } = facts.request;
    const instance = routeOf(facts).serviceUrl;
    return [
      {
        step: 'infrastructure',
        kind: 'compare-answers',
        target: facts.manifest.id,
        before: null,
        after: { shadow: { instance, ...shadow }, out: live.out, service: live.service, timeoutMs },
      },
    ];
  },
  async run({ target, after }, ports) {
    const { shadow, out, service, timeoutMs } = after;
    await ports.live.subscribe(out); // a resumed export may have another address
    await ports.live.catchUp(out, timeoutMs, ports);
    await ports.live.startTool(service);
    await ports.registry.startShadow(target, shadow);
    const found = await follow(target, shadow.ms, ports);
    await ports.registry.endShadow(target);
    const { compared, differing, unstable, skipped } = found;
    ports.remember(SHADOW_RESULT, { compared, differing, unstable, skipped } satisfies ShadowResult);
    if (differing > 0) throw differ(found);
    if (compared === 0)
      ports.report.log('warning', `No GET request for the tool could be compared: ${inWords(found)}`);
    else ports.report.log('success', `The service answers like the monolith: ${inWords(found)}`);
  },
  async undo({ target, after }, ports) {
    await ports.registry.endShadow(target);
    await ports.live.withdrawSwitch(after.service);
  },
  done: () => 'Answers compared',
  undone: () => 'Answers are compared no more',
  wouldUndo: () => 'End the comparison of answers',
  would: ({ after }) =>
    `Would compare the answers of both sides for ${Math.round(after.shadow.ms / 1000)} s before the switch`,
  removeByHand: ({ target }) => sqlCommand(`DELETE FROM tool_shadows WHERE tool_id = '${target}'`),
  findOrphans: ({ toolId }, ports) => orphansInDatabase(ports, SHADOW, [toolId]),
};

/** Until the time is over and every comparison has ended, or a difference is found. */
async function follow(toolId: string, ms: number, ports: Ports): Promise<ShadowCounts> {
  const end = performance.now() + ms;
  for (let logAt = performance.now() + LOG_MS; ;) {
    await delay(POLL_MS, undefined, { signal: ports.signal });
    const found = await ports.registry.readShadow(toolId);
    const left = end - performance.now();
    if (found.differing > 0 || left < -REST_MS || (left < -POLL_MS && found.open === 0)) return found;
    if (performance.now() < logAt) continue;
    logAt += LOG_MS;
    ports.report.log('info', `${inWords(found)}; ${Math.max(0, Math.round(left / 1000))} s left`);
  }
}

const inWords = ({ compared, unstable, skipped }: ShadowCounts): string =>
  [
    `${compared} answers compared`,
    ...(unstable > 0 ? [`${unstable} change in the monolith itself`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
  ].join(', ');

const differ = ({ compared, differing, examples }: ShadowCounts): PlatformError =>
  new PlatformError(
    'answers-differ',
    `The service answers otherwise than the monolith (${differing} of ${compared} compared):\n${examples.join('\n')}\n` +
      'Correct the tool, or leave out fields that differ by nature: --shadow-ignore=/path/to/field',
  );

const SHADOW = `
SELECT 'comparison of answers of ' || tool_id AS name, format('DELETE FROM tool_shadows WHERE tool_id = %L', tool_id) AS sql, true AS owned
  FROM tool_shadows WHERE tool_id = $1`;
