import { PlatformError } from '../../contracts/errors.ts';
import type { CutoverResult, JournalEntry } from '../../contracts/job.ts';
import type { Change } from '../../contracts/plan.ts';
import type { Ports } from '../core/ports.ts';
import { CUTOVER_RESULT, returnStream, SWITCH_OVER, type LiveSwitch } from '../core/streams.ts';
import { withPorts, type Journaled } from './states.ts';
import { rollbackCommand, type WritesMode } from './writes-report.ts';

const DIFFERS_AS = 'returnDiffers';

/** The monolith serves the tool again, and its rows are not those of the service: the service's database is kept. */
export class ReturnDiffersError extends PlatformError {
  constructor(run: Pick<Journaled, 'plan' | 'jobId'>, differences: string) {
    super(
      'rollback-incomplete',
      `The monolith serves the tool again, and its rows differ from those that the service had:\n${differences}\n` +
        `The service's database is kept. Correct the rows, then drop it: ${rollbackCommand(run)} --discard-writes`,
    );
  }
}

/** The switch of a live export; `null` for every other export, and when it is undone: then its service may be gone. */
export function liveSwitchOf(
  entries: readonly JournalEntry[],
): (LiveSwitch & { readonly toolId: string }) | null {
  const entry = entries.find(({ change, state }) => change.kind === SWITCH_OVER && state !== 'undone');
  if (entry === undefined) return null;
  const change = entry.change as unknown as Change<typeof SWITCH_OVER, LiveSwitch>;
  return { ...change.after, toolId: change.target };
}

/**
 * Switches writes and traffic of a live export back to the monolith, whose tables follow the service. Safe to repeat
 * after a crash at any moment. When it throws, the service serves as before, except where the error says otherwise.
 *
 * @throws PlatformError `switch-timeout`, {@link ReturnDiffersError}
 */
export async function returnLive(
  run: Journaled,
  { toolId, tables, ...times }: LiveSwitch & { readonly toolId: string },
  mode: WritesMode,
  signal: AbortSignal,
): Promise<void> {
  const differs = run.memory.get(DIFFERS_AS);
  if (typeof differs === 'string' && mode !== 'discard') throw new ReturnDiffersError(run, differs);
  await withPorts(run, signal, async (ports) => {
    const { plan, service, back, fences } = tables;
    if (!(await ports.live.isSwitched(service))) return;
    if (mode === 'discard') {
      await discard(tables, ports);
      return;
    }
    // an export that has died right after its switch follows nothing yet
    await returnStream(tables, ports);
    await reportLeftBehind(run, tables, ports);
    const switched = await behindPlatform(run, ports, () =>
      ports.live.switchOver(
        {
          plan,
          stream: back,
          next: null,
          fences: {
            from: { ...fences.service, takenOverBy: 'the monolith, whose rollback is under way' },
            to: fences.source,
          },
          service,
          ...times,
        },
        {
          hold: (ms) => ports.registry.hold(toolId, ms),
          release: () => ports.registry.release(toolId),
          route: () => ports.registry.setRoute(toolId, null),
        },
        ports,
      ),
    );
    ports.report.log('success', `Switched back to the monolith: writes waited ${switched.pauseMs} ms`);
    try {
      await compare(run, () => switched.verify(ports));
    } finally {
      await switched.close();
    }
  });
}

/** What the service of a live export got after it, and a rollback leaves behind. Changes nothing. */
export async function readLeftBehind(run: Journaled): Promise<readonly string[]> {
  const live = liveSwitchOf(await run.journal.entries());
  if (live === null) return [];
  return withPorts(run, run.interrupts.signal, (ports) => ports.live.additions(live.tables.back));
}

/** Names what the service got after the export: the monolith has no place for it. */
async function reportLeftBehind(
  { findings, report }: Pick<Journaled, 'findings' | 'report'>,
  { back }: Pick<LiveSwitch['tables'], 'back'>,
  { live }: Pick<Ports, 'live'>,
): Promise<void> {
  for (const object of await live.additions(back)) {
    const message = `Only in the service, and left behind: ${object}`;
    findings.push({
      code: 'left-in-service',
      severity: 'warning',
      step: 'database',
      object,
      message,
      remedy: '',
    });
    report.log('warning', message);
  }
}

/** Removes the gateway's own route first, so that its callers wait at the platform, too. */
async function behindPlatform<T>(run: Journaled, ports: Ports, work: () => Promise<T>): Promise<T> {
  const conf = await gatewayConfOf(run);
  if (conf === null) return work();
  const operation = run.operationOf(conf);
  await operation.undo(conf, ports);
  try {
    return await work();
  } catch (error) {
    await operation.run(conf, ports); // the service serves as before
    throw error;
  }
}

async function gatewayConfOf({ journal }: Journaled): Promise<Change | null> {
  const entries = await journal.entries();
  const found = entries.find(({ change, state }) => change.kind === 'write-gateway-conf' && state === 'done');
  return found?.change ?? null;
}

/**
 * Prepares the resumption of a live export. Where the service serves, a rollback that has died may have closed it. Where the
 * monolith serves and the copy follows it no longer, the changes that hold its rows are undone, so that they are made again.
 *
 * @throws the error of an undo
 */
export async function resumeLive(run: Journaled): Promise<void> {
  const entries = await run.journal.entries();
  const follow = entries.find(({ change }) => change.kind === 'follow-changes');
  if (follow === undefined) return;
  const live = liveSwitchOf(entries);
  await withPorts(run, run.interrupts.signal, async (ports) => {
    if (live !== null && (await ports.live.isSwitched(live.tables.service))) {
      await ports.live.openService(live.tables.fences.service, live.tables.service);
      const conf = await gatewayConfOf(run);
      if (conf !== null) await run.operationOf(conf).run(conf, ports);
      return;
    }
    const { out } = follow.change.after as unknown as LiveSwitch['tables'];
    if (follow.state !== 'undone' && (await ports.live.isSubscribed(out))) return;
    for (const { seq, change, state } of entries.toReversed()) {
      if (state === 'undone' || !OF_ROWS.includes(change.kind)) continue;
      await run.journal.undoing(seq);
      await run.operationOf(change).undo(change, ports);
      await run.journal.undone(seq);
    }
  });
}

/** Changes that hold the monolith's rows, or follow them. */
const OF_ROWS: readonly string[] = [
  'publish-changes',
  'copy-tables',
  'close-service',
  'follow-changes',
  SWITCH_OVER,
  'follow-back',
];

/** Rows that an export has not found equal, or had no time to compare, are no measure of its way back. */
async function compare(run: Journaled, verify: () => Promise<unknown>): Promise<void> {
  const { verifiedRows } = (run.memory.get(CUTOVER_RESULT) ?? {}) as Partial<CutoverResult>;
  if (verifiedRows === undefined) return;
  try {
    await verify();
    run.report.log('success', 'Every row of the service is in the monolith');
  } catch (error) {
    if (!(error instanceof PlatformError) || error.code !== 'verification-failed') throw error;
    await run.memory.keep(DIFFERS_AS, error.message);
    throw new ReturnDiffersError(run, error.message);
  }
}

/** What the monolith has received already stays there. */
async function discard({ back, service }: LiveSwitch['tables'], ports: Ports): Promise<void> {
  await ports.live.unsubscribe(back);
  await ports.live.withdrawSwitch(service);
  ports.report.log(
    'warning',
    'Discarded: writes of the service that had not reached the monolith. Those that had stay there.',
  );
}
