import { FENCE_FUNCTION } from '../../../../contracts/fence.ts';
import type { CutoverResult, ShadowResult } from '../../../../contracts/job.ts';
import type { Change } from '../../../../contracts/plan.ts';
import type { SwitchHooks } from '../../../../extraction/live/live-api.ts';
import { asGate } from '../../../core/as-gate.ts';
import { orphansInDatabase } from '../../../core/orphans.ts';
import type { Ports } from '../../../core/ports.ts';
import { sqlCommand } from '../../../core/shell-command.ts';
import type { Operation } from '../../../core/step.ts';
import {
  COPIED_ROWS,
  CUTOVER_RESULT,
  liveTables,
  returnStream,
  SWITCH_OVER,
  type LiveSwitch,
} from '../../../core/streams.ts';
import { SHADOW_RESULT } from './compare-answers.ts';
import { routeOf, type Route } from './switch-route.ts';

export type SwitchOver = Change<typeof SWITCH_OVER, LiveSwitch & { readonly route: Route }>;

/**
 * Switches writes and traffic to the service while callers go on. Requests wait at the platform meanwhile; every row is
 * compared afterwards, as it was in the moment of the switch.
 */
export const switchOver: Operation<SwitchOver> = {
  kind: SWITCH_OVER,
  undoPhase: 'configuration',
  protectsRows: true,
  plan(facts) {
    const tables = liveTables(facts);
    if (tables === null) return [];
    const { maxPauseMs, cutoverTimeoutMs: timeoutMs } = facts.request;
    return [
      {
        step: 'infrastructure',
        kind: SWITCH_OVER,
        target: facts.manifest.id,
        before: null,
        after: { route: routeOf(facts), tables, maxPauseMs, timeoutMs },
      },
    ];
  },
  async run({ target, after }, ports) {
    const { route, tables, ...times } = after;
    const { plan, out, back, fences, service } = tables;
    const hooks: SwitchHooks = {
      hold: (ms) => ports.registry.hold(target, ms),
      release: () => ports.registry.release(target),
      route: () => ports.registry.setRoute(target, route),
    };
    const toService = { from: fences.source, to: fences.service };
    const toSource = { from: fences.service, to: fences.source };
    // the pair of snapshots of a switch ends with its process: a resumed export takes another one
    const again = await ports.live.isSwitched(service);
    if (again) await serve(after, target, ports);
    else await ports.live.subscribe(out); // a resumed export may have another address
    const switched = await ports.live.switchOver(
      again
        ? { plan, stream: back, next: null, fences: toSource, service, stays: true, ...times }
        : { plan, stream: out, next: back.name, fences: toService, service, ...times },
      hooks,
      ports,
    );
    const { pauseMs, attempts, writtenRows } = switched;
    if (!again) ports.report.log('success', `Switched to the service: writes waited ${pauseMs} ms`);
    try {
      const compared = await asGate('verification', ports, () => switched.verify(ports));
      const verifiedRows = Object.values(compared).reduce((sum, { rows }) => sum + rows, 0);
      const copied = ports.recall(COPIED_ROWS);
      const copiedRows = typeof copied === 'number' ? copied : null;
      const appliedChanges =
        writtenRows === null || copiedRows === null ? null : Math.max(0, writtenRows - copiedRows);
      const shadow = ports.recall(SHADOW_RESULT) as ShadowResult | undefined;
      ports.remember(CUTOVER_RESULT, {
        mode: 'live',
        pauseMs,
        attempts,
        copiedRows,
        appliedChanges,
        verifiedRows,
        ...(shadow === undefined ? {} : { shadow }),
      } satisfies CutoverResult);
    } finally {
      await switched.close();
    }
  },
  async undo({ target, after }, ports) {
    const { service, fences, back } = after.tables;
    await ports.registry.setRoute(target, null);
    await ports.live.withdrawSwitch(service);
    // an export that has failed right after the switch follows back without the change that says so
    await ports.live.unsubscribe(back);
    await ports.database.unfenceTables(fences.source);
  },
  done: () => 'Integrity checks passed',
  undone: () => 'Platform serves the tool itself again',
  wouldUndo: ({ target }) => `Route requests of ${target} to the monolith, and open its tables for writes`,
  would: ({ after }) =>
    `Would switch writes to ${after.route.serviceUrl}, in a pause of at most ${after.maxPauseMs} ms`,
  removeByHand: ({ target }) =>
    sqlCommand(
      `DELETE FROM tool_routes WHERE tool_id = '${target}'; DROP FUNCTION IF EXISTS ${FENCE_FUNCTION}."${target}"() CASCADE`,
    ),
  findOrphans: ({ toolId }, ports) => orphansInDatabase(ports, HOLD, [toolId]),
};

/** Completes what a process that has died after the switch may have left out. */
async function serve({ route, tables }: SwitchOver['after'], toolId: string, ports: Ports): Promise<void> {
  await ports.registry.setRoute(toolId, route);
  await ports.live.openService(tables.fences.service, tables.service);
  await returnStream(tables, ports);
}

const HOLD = `
SELECT 'hold of ' || tool_id AS name, format('DELETE FROM tool_holds WHERE tool_id = %L', tool_id) AS sql, true AS owned
  FROM tool_holds WHERE tool_id = $1`;
