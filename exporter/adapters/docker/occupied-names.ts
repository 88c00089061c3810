import type Docker from 'dockerode';
import type { Finding } from '../../../contracts/plan.ts';
import { shellQuote } from '../../core/shell-command.ts';
import { TOOL_LABEL } from './engine.ts';
import { projectIn, projectLabel } from './project.ts';
import { serviceIn } from './service-containers.ts';

/**
 * Existing containers of the export's services, and others with a name that compose would give them; existing volumes of
 * the tool. Compose would replace a container of the same service, fail at a name, and reuse a volume with its content:
 * all are refused before any change is made.
 */
export async function occupiedNames(
  engine: Docker,
  options: { readonly toolId: string; readonly project: string; readonly services: readonly string[] },
): Promise<readonly Finding[]> {
  const { toolId, project, services } = options;
  // Version 2 of compose joins the parts of a name by hyphens, version 1 by underscores
  const wanted = new Set(services.flatMap((s) => [`/${project}-${s}-1`, `/${project}_${s}_1`]));
  const named = (await engine.listContainers({ all: true })).flatMap(({ Names, Labels }) => {
    const isOwn = projectIn(Labels) === project && services.includes(serviceIn(Labels) ?? '');
    const name = isOwn ? Names[0] : Names.find((one) => wanted.has(one));
    return name === undefined ? [] : [{ name: name.slice(1), labels: Labels }];
  });
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
