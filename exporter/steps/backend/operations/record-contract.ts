import { PlatformError } from '../../../../contracts/errors.ts';
import type { Change } from '../../../../contracts/plan.ts';
import type { Ports } from '../../../core/ports.ts';
import { programOf } from '../../../../templating/roots.ts';
import { sqlCommand } from '../../../core/shell-command.ts';
import type { Operation } from '../../../core/step.ts';
import type { BackendFacts } from '../facts.ts';
import { filesOf } from '../files.ts';
import { inToolPaths, testFailures } from '../gates/gate-output.ts';
import type { Gates } from '../gates/run-gates.ts';
import { KEPT_BUILD } from '../../../core/kept-build.ts';
import { keepEdits } from '../../../core/keep-edits.ts';
import { fillExamples, type Recording } from '../examples.ts';
import { parseProvenance, PROVENANCE_FILE, provenanceJson, sha256 } from '../../../core/provenance.ts';

/** Records and replays in a process of its own, because it runs the tool's code. */
const RECORDER = 'monolith/server/bin/record-contract';
/** Modules of the platform that decide a recording, besides the service's own files. */
const RECIPE = [
  RECORDER,
  ...['ask', 'explore', 'host', 'learn', 'offline', 'offline-preload', 'record', 'scratch'].map(
    (name) => `monolith/server/host/contract/${name}`,
  ),
  ...[
    'database/database-address',
    'keep-environment',
    'load-backend',
    'mount',
    'tool-context',
    'tool-errors',
  ].map((name) => `monolith/server/host/${name}`),
  ...['caller-header', 'main', 'messages', 'sandbox', 'tool-process'].map(
    (name) => `monolith/server/host/process/${name}`,
  ),
  'contracts/endpoint-path',
  'contracts/host/failure-kind',
  'contracts/placeholder',
  'registry-api/auth/principal',
];
const NOT_RUN = 3;
const RECORDED = 'tests/contract/recorded';
export const RECORDED_FILE = `${RECORDED}/calls.json`;

export type Contract = {
  readonly toolId: string;
  /** Path under which the service serves the tool. */
  readonly base: string;
  /** Scratch database on the source's server; exists while the tests run. */
  readonly database: string;
  /** Keep the existing recording, because it was edited by hand. */
  readonly keep: boolean;
  readonly layout: Gates['layout'];
  /** Paths of generated files. */
  readonly host: readonly string[];
};
export type RecordContract = Change<'record-contract', Contract>;

/**
 * Records the monolith's answers in a scratch database, never on live rows, and replays them against the service
 * together with the tool's own tests that need a database. Reports "not run" where no scratch database can be created.
 */
export const recordContract: Operation<RecordContract, BackendFacts> = {
  kind: 'record-contract',
  undoPhase: 'folders',
  plan: (facts) => [
    {
      step: 'backend',
      kind: 'record-contract',
      target: facts.names.apiFolder,
      before: null,
      after: {
        toolId: facts.manifest.id,
        base: `/api/${facts.manifest.id}`,
        database: facts.names.contractDatabase,
        keep: RECORDED_FILE in facts.backend.files,
        layout: facts.backend.layout,
        host: Object.keys(filesOf(facts, 'host').files),
      },
    },
  ],
  async run(change, ports) {
    const { keep } = change.after;
    const output = `${change.target}/${RECORDED}`;
    const record = (): Promise<void> => recordAndReplay(change.target, change.after, ports);
    let how: 'built' | 'kept' = 'built';
    try {
      if (keep || ports.builds === undefined) await record();
      else {
        const recipe = (await Promise.all(RECIPE.map((name) => ports.files.readProgram(name)))).join('\0');
        how = await ports.builds.once(
          { folder: change.target, output: { folder: output, needed: 'calls.json' }, recipe },
          record,
        );
      }
    } catch (error) {
      if (!(error instanceof NotRunError)) throw error;
      ports.report.gate({ gate: 'contract', outcome: 'not-run', detail: error.message });
      ports.report.log('warning', `Contract tests not run: ${error.message}`);
      return;
    }
    const calls = await writeExamples(change.target, change.after, ports);
    ports.remember('contractCalls', calls);
    const detail = keep
      ? EDITED
      : `${calls} calls recorded and replayed${how === 'kept' ? `, ${KEPT_BUILD}` : ''}`;
    ports.report.gate({ gate: 'contract', outcome: 'passed', detail });
    ports.report.log('success', `Contract tests passed (${detail})`);
  },
  async undo(change, ports) {
    await keepEdits(change.target, ports);
    await ports.files.removeTree(`${change.target}/${RECORDED}`);
    await ports.database.dropDatabase({ server: { kind: 'source' }, database: change.after.database });
  },
  done: () => '', // run reports the outcome
  undone: () => '',
  wouldUndo: ({ target }) => `Delete the recorded contract in ${target}/`,
  would: () => 'Would record the contract in the monolith and replay it',
  removeByHand: ({ target, after }) =>
    `rm -rf ${target}/${RECORDED} && ${sqlCommand(`DROP DATABASE IF EXISTS "${after.database}" WITH (FORCE)`)}`,
};

const EDITED = 'the hand-edited recording was replayed';

class NotRunError extends Error {}

async function recordAndReplay(folder: string, contract: Contract, ports: Ports): Promise<void> {
  const { toolId, keep, layout, host } = contract;
  const { exitCode, output } = await ports.isolation.within(folder, async (copy) => {
    const args = [
      programOf(ports.root, RECORDER),
      `--tool-id=${toolId}`,
      `--app=${folder}`,
      `--copy=${copy}`,
    ];
    const result = await ports.processes.run(ports.processes.node, keep ? [...args, '--replay-only'] : args, {
      cwd: '.',
    });
    return { ...result, output: inToolPaths(result.output, { copy, folder, layout, host }) };
  });
  if (exitCode === 0) return;
  if (exitCode === NOT_RUN) throw new NotRunError(output.trim().split('\n').at(-1) ?? '');
  const failure =
    `${folder}/: tests that need a database failed: the tool's own, or the replay of the monolith's answers.\n` +
    testFailures(output);
  ports.report.gate({ gate: 'contract', outcome: 'failed', detail: failure });
  throw new PlatformError('step-failed', `${failure}\nCorrect the tool, commit, and export again.`);
}

const README = 'README.md';

/** Writes recorded answers to the README, and the checksums of both files to the provenance. Returns the number of calls. */
async function writeExamples(folder: string, { base, keep }: Contract, ports: Ports): Promise<number> {
  const read = (file: string): Promise<string | null> => ports.files.readText(`${folder}/${file}`);
  const recorded = (await read(RECORDED_FILE)) ?? '';
  const recording = JSON.parse(recorded) as Recording;
  const before = await read(README); // null: deleted by hand, and not written again
  const readme = before === null ? null : fillExamples(before, recording, base);
  if (readme !== null && readme !== before) await ports.files.writeText(`${folder}/${README}`, readme);
  const provenance = parseProvenance((await read(PROVENANCE_FILE)) ?? '');
  if (provenance !== null) {
    const files: Record<string, string> = {
      ...provenance.files,
      ...(keep ? {} : { [RECORDED_FILE]: sha256(recorded) }),
    };
    const generated = { ...provenance.generated };
    if (generated[README] !== undefined) {
      // The README was edited by hand. The generated base of the next merge needs the examples too: with placeholders, the
      // merge would take the examples for an edit and keep them for ever
      generated[README] = fillExamples(generated[README], recording, base);
      files[README] = sha256(generated[README]);
    } else if (before !== null && sha256(before) === provenance.files[README])
      files[README] = sha256(readme ?? before);
    await ports.files.writeText(
      `${folder}/${PROVENANCE_FILE}`,
      provenanceJson({ ...provenance, files, generated }),
    );
  }
  return recording.calls.length;
}
