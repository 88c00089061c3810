import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseFlags } from '../../../contracts/command-line.ts';
import { PlatformError } from '../../../contracts/errors.ts';
import type { ToolId } from '../../../contracts/ids.ts';
import { COMPOSE_FILE, namesOf } from '../../../contracts/naming.ts';
import { parseSettings } from '../../../contracts/settings.ts';
import { withConnection } from '../../../registry-api/store/with-connection.ts';
import { findWorkspace } from '../../../templating/roots.ts';
import { createEngine, pingEngine, TOOL_LABEL } from '../../adapters/docker/engine.ts';
import { projectLabel, projectNameOf } from '../../adapters/docker/project.ts';
import { serviceIn } from '../../adapters/docker/service-containers.ts';
import { readToolPlace } from '../exported-service.ts';
import { openPlatformDatabase } from '../open-platform-database.ts';
import { followContainers, linesUntilNow, type Instance } from './container-lines.ts';
import { fileLines } from './file-lines.ts';
import { LOGS_FLAGS } from './logs-flags.ts';
import { asJson, asText, parseLine, passes, type LineFilter, type LogLine } from './log-line.ts';

interface Source {
  readonly toolId: ToolId;
  readonly root: string;
  readonly follow: boolean;
  readonly filter: LineFilter;
  readonly print: (line: LogLine) => void;
}

/**
 * `gulp logs`: prints the log of an exported service, of its process or of all its containers: text on a terminal, else
 * JSON lines.
 */
export async function showLogs(argv: readonly string[]): Promise<void> {
  const flags = parseFlags('logs', argv, LOGS_FLAGS);
  const { 'tool-id': toolId, follow = false, since, level, 'request-id': requestId } = flags;
  const settings = parseSettings(process.env);
  const root = findWorkspace(process.cwd());
  const url = await openPlatformDatabase({ root, settings }, { migrate: false });
  const { exported, runtime } = await withConnection(
    { connectionString: url, application_name: 'logs' },
    (client) => readToolPlace(client, toolId),
  );
  if (!exported || runtime === null)
    throw new PlatformError(
      'not-exported',
      `${toolId} runs in the monolith, which writes the lines of all tools to its standard output: the terminal of npm start, or the log of the service manager that has started it.`,
    );
  process.stdout.once('error', () => process.exit(0)); // its reader has enough
  const text = process.stdout.isTTY && flags.json !== true;
  const source: Source = {
    toolId,
    root,
    follow,
    filter: {
      since: since === undefined ? null : Date.now() - since,
      level: level ?? null,
      requestId: requestId ?? null,
    },
    print: (line) => {
      const shown = text ? asText(line, { showInstance: runtime === 'docker' }) : asJson(line);
      process.stdout.write(`${shown}\n`);
    },
  };
  if (runtime === 'docker') await printContainers(source);
  else await printFile(source, path.join(settings.stateDir, 'logs', `${namesOf(toolId).api}.log`));
}

async function printFile({ toolId, root, follow, filter, print }: Source, file: string): Promise<void> {
  const absolute = path.resolve(root, file);
  if (!existsSync(absolute))
    throw new PlatformError(
      'not-exported',
      `${file} does not exist: the service was exported in another folder, or has not written yet. Look at: npx gulp status --tool-id=${toolId}`,
    );
  let lastTime: number | null = null;
  for await (const text of fileLines(absolute, { follow })) {
    const line = parseLine(text, { instance: namesOf(toolId).api, lastTime });
    lastTime = line.time;
    if (passes(line, filter)) print(line);
  }
}

async function printContainers({ toolId, root, follow, filter, print }: Source): Promise<void> {
  const engine = createEngine();
  await pingEngine(engine);
  const api = namesOf(toolId).api;
  const label = [`${TOOL_LABEL}=${toolId}`, projectLabel(projectNameOf(root))];
  const list = async (): Promise<readonly Instance[]> =>
    (await engine.listContainers({ all: true, filters: { label } }))
      .filter(({ Labels }) => new RegExp(`^${api}(-\\d+)?$`).test(serviceIn(Labels) ?? ''))
      .map(({ Id, Names, State }) => ({ id: Id, name: nameOf(Names, Id), running: State === 'running' }));
  const instances = await list();
  if (instances.length === 0)
    throw new PlatformError(
      'not-exported',
      `${api} has no container in this compose project. Start it: docker compose -f ${COMPOSE_FILE} up --detach ${api}`,
    );
  const times = new Map<string, number | null>();
  const parse = (text: string, { id, name }: Instance): LogLine => {
    const line = parseLine(text, { instance: name, lastTime: times.get(id) ?? null });
    times.set(id, line.time);
    return line;
  };
  if (follow)
    await followContainers(engine, {
      list,
      onLine(text, instance) {
        const line = parse(text, instance);
        if (passes(line, filter)) print(line);
      },
    });
  const lines = await Promise.all(
    instances.map(async (instance) =>
      (await linesUntilNow(engine, instance)).map((text) => parse(text, instance)),
    ),
  );
  const ordered = lines.flat().toSorted((one, other) => (one.time ?? 0) - (other.time ?? 0));
  for (const line of ordered) if (passes(line, filter)) print(line);
}

const nameOf = (names: readonly string[], id: string): string =>
  names[0]?.replace(/^\//, '') ?? id.slice(0, 12);
