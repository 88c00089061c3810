import type { ErrorCode } from '../../../contracts/errors.ts';
import { STEP_TITLES, type Finding } from '../../../contracts/plan.ts';
import type { SharedFacts } from '../../core/facts.ts';
import type { Step } from '../../core/step.ts';
import { dirtyFiles } from './dirty-files.ts';

const SHOWN_FILES = 10;

/** Checks everything that would make an export fail later. Its facts are the shared ones. */
export const preflightStep: Step = {
  id: 'preflight',
  title: STEP_TITLES.preflight,
  operations: [],
  read: (shared) => Promise.resolve(shared),
  check(facts, carried) {
    const { preflight, tool, request } = facts;
    return [
      ok('manifest-complete', 'Tool manifest complete'),
      runtimeFinding(facts),
      ...gitFindings(facts, dirtyFiles(facts, carried)),
      preflight.portFree
        ? ok('port-free', `Port ${facts.servicePort} available`)
        : refusal('port-taken', `Port ${facts.servicePort} is taken`, {
            remedy: 'Choose another with --port=N, or omit the flag to use a free port.',
          }),
      ok('database-reachable', 'Database connection OK'),
      tool.isExported
        ? refusal(
            'already-exported',
            `${tool.toolId} is exported already: ${tool.serviceUrl ?? 'address unknown'}`,
            {
              remedy: `Roll it back first: npx gulp rollback --tool-id=${tool.toolId}`,
            },
          )
        : ok('not-exported', 'Tool not already exported'),
      ...platformFindings(facts),
      ...(request.replicas > 1 && facts.runtime === 'local'
        ? [
            refusal('not-supported', '--replicas above 1 needs the docker runtime', {
              remedy: 'Leave --replicas out, or use --runtime=docker.',
            }),
          ]
        : []),
      ...preflight.findings,
    ];
  },
};

function runtimeFinding(facts: SharedFacts): Finding {
  return facts.runtime === 'docker'
    ? ok('docker-running', 'Docker running')
    : ok('local-runtime', 'Local runtime chosen: the service will be a process of this machine');
}

function gitFindings(
  { preflight, request, manifest }: SharedFacts,
  dirty: readonly string[],
): readonly Finding[] {
  if (preflight.commit === '')
    return [
      refusal('git-missing', 'This folder is not a git repository with a commit', {
        remedy: 'Run: git init && git add --all && git commit -m "Start"',
      }),
    ];
  if (dirty.length === 0)
    return [
      ok(
        'git-clean',
        request.allowDirty
          ? 'No uncommitted changes in files that the export reads or writes'
          : 'No uncommitted changes',
      ),
    ];
  const shown = dirty.slice(0, SHOWN_FILES).join(', ');
  const more = dirty.length > SHOWN_FILES ? ` and ${dirty.length - SHOWN_FILES} more` : '';
  return [
    refusal('git-dirty', `Uncommitted changes: ${shown}${more}`, {
      remedy:
        'Commit or stash them, then run again' +
        (request.allowDirty
          ? '.'
          : `; --allow-dirty checks only files that the export of ${manifest.id} reads or writes.`),
    }),
  ];
}

function platformFindings({ preflight, request }: SharedFacts): readonly Finding[] {
  if (preflight.platformUrl !== null)
    return [ok('platform-running', `Platform answers at ${preflight.platformUrl}`)];
  const severity = request.dryRun ? 'warning' : 'error';
  return [
    {
      ...refusal(
        'registry-unreachable',
        'The platform is not running, so nothing could route to the service',
        {
          remedy: 'Start it in another terminal with: npm start',
        },
      ),
      severity,
    },
  ];
}

function ok(code: string, message: string): Finding {
  return { code, severity: 'info', step: 'preflight', message, remedy: '' };
}

function refusal(
  code: ErrorCode,
  message: string,
  more: { readonly remedy: string; readonly file?: string },
): Finding {
  return { code, severity: 'error', step: 'preflight', message, ...more };
}
