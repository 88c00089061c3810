import type { Checks } from './checks.ts';
import { expectAnswer, get } from './http.ts';
import type { Stage } from './stage.ts';

export interface ShownTool {
  readonly toolId: string;
  readonly name: string;
  /** Path of its list, below its API. */
  readonly list: string;
}

/** Shows that one command moves a tool into its own service, unnoticed by callers. */
export async function showExport(stage: Stage, checks: Checks, tool: ShownTool): Promise<void> {
  const { toolId, name, list } = tool;
  const { shell, platformUrl, gatewayUrl } = stage;
  checks.part(`Export ${toolId}`);
  const before = await get(`${platformUrl}/api/tools/${toolId}/${list}?limit=100`);
  const args = ['export', `--tool-id=${toolId}`, '--runtime=local'];
  checks.say(`npx gulp ${args.join(' ')}`);
  const done = await checks.check('The export succeeds', async () => {
    const { code, output } = await shell.run('gulp', ...args);
    return code === 0 || `exit code ${String(code)}\n${output}`;
  });
  if (!done) throw new Error(`${toolId} could not be exported`);
  await checks.check('No write had to wait for more than a second', async () => {
    const { body } = await get(`${platformUrl}/api/tools/export/jobs?toolId=${toolId}&limit=1`);
    const [job] = (body?.['data'] ?? []) as { result: { cutover: { mode: string; pauseMs?: number } } }[];
    const { mode, pauseMs = Infinity } = job?.result.cutover ?? { mode: 'unknown' };
    return (mode === 'live' && pauseMs <= 1_000) || `${mode}, ${String(pauseMs)} ms`;
  });
  await checks.check('The registry says where it is now', async () => {
    const { body } = await get(`${platformUrl}/api/tools/${toolId}`);
    const says = body?.['isExported'] === true && typeof body['serviceUrl'] === 'string';
    return says || `isExported ${String(body?.['isExported'])}, serviceUrl ${String(body?.['serviceUrl'])}`;
  });
  await checks.check('The service is healthy', async () => {
    const { body } = await get(`${platformUrl}/api/tools/${toolId}`);
    const health = await get(`${String(body?.['serviceUrl'])}/health`);
    return expectAnswer(
      health,
      200,
      health.body?.['status'] === 'healthy' && health.body['service'] === name,
    );
  });
  const after = await get(`${gatewayUrl}/api/${toolId}/${list}?limit=100`);
  await checks.check(`GET /api/${toolId}/${list} through the gateway answers as the monolith did`, () =>
    expectAnswer(after, 200, after.text === before.text),
  );
  await checks.check(`The old address /api/tools/${toolId}/${list} still answers`, async () => {
    const old = await get(`${platformUrl}/api/tools/${toolId}/${list}?limit=100`);
    return expectAnswer(old, 200, old.text === before.text);
  });
  await checks.check(`Its web app is served at /tools/${toolId}/, deep links too`, async () => {
    for (const url of [`${gatewayUrl}/tools/${toolId}/`, `${gatewayUrl}/tools/${toolId}/any/deep/link`]) {
      const page = await get(url);
      const result = expectAnswer(page, 200, page.text.includes(`<base href="/tools/${toolId}/"`));
      if (result !== true) return `${url} ${result}`;
    }
    return true;
  });
}
