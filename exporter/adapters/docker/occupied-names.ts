import type Docker from 'dockerode';
import type { Finding } from '../../../contracts/plan.ts';
import { shellQuote } from '../../core/shell-command.ts';
import { TOOL_LABEL } from './engine.ts';
import { projectIn, projectLabel } from './project.ts';

/**
 * Existing containers and volumes with the names of the export's own. Compose would replace a container of the same
 * project and name, and reuse a volume with its content: both are refused before any change is made.
 */
export async function occupiedNames(
  engine: Docker,
  options: { readonly toolId: string; readonly project: string; readonly containers: readonly string[] },
): Promise<readonly Finding[]> {
  const { toolId, project, containers } = options;
  const wanted = new Set(containers.map((name) => `/${name}`));
  const named = (await engine.listContainers({ all: true })).flatMap(({ Names, Labels }) =>
    Names.filter((name) => wanted.has(name)).map((name) => ({ name: name.slice(1), labels: Labels })),
  );
  const filters = { label: [`${TOOL_LABEL}=${toolId}`, projectLabel(project)] };
  const { Volumes: volumes } = await engine.listVolumes({ filters });
  return [
    ...named.map(({ name, labels }) =>
      occupied(
        `A container ${name} is there already${whoseIs(labels, project)}`,
        name,
        `docker rm --force ${shellQuote(name)}`,
      ),
    ),
    ...volumes.map(({ Name }) =>
      occupied(
        `A volume ${Name} of an earlier export is there already`,
        Name,
        `docker volume rm ${shellQuote(Name)}`,
      ),
    ),
  ];
}

function occupied(message: string, object: string, command: string): Finding {
  return {
    code: 'target-exists',
    severity: 'error',
    step: 'infrastructure',
    message,
    object,
    remedy: `If an export of this repository has left it: npx gulp doctor --fix. Otherwise, if it is no longer needed: ${command}`,
  };
}

function whoseIs(labels: Readonly<Record<string, string>> | undefined, project: string): string {
  const theirs = projectIn(labels);
  if (theirs === undefined) return '';
  const folder = labels?.['com.docker.compose.project.working_dir'];
  const where = folder === undefined ? '' : ` (${folder})`;
  return theirs === project
    ? `, of this compose project${where}`
    : `, of the compose project ${theirs}${where}`;
}
