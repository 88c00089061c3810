import type { Checks } from './checks.ts';
import { expectAnswer, get, post, until } from './http.ts';
import type { Stage } from './stage.ts';

const TITLES = ['Count the stock', 'Call the supplier', 'Write the report'];

/** Shows that one command creates a tool, without a restart. */
export async function showCreation(stage: Stage, checks: Checks): Promise<void> {
  const { shell, platformUrl } = stage;
  checks.part('Create the tool task-manager');
  const args = [
    'task-manager',
    '--name=Task Manager',
    '--description=Manage tasks and to-do lists',
    '--tool-version=1.0.0',
    '--status=beta',
    '--resource=task:title:string,done:boolean',
    '--yes',
  ];
  checks.say(`npx create-tool ${args.map((arg) => (arg.includes(' ') ? `'${arg}'` : arg)).join(' ')}`);
  await checks.check('create-tool scaffolds and registers it', async () => {
    const { code, output } = await shell.run('create-tool', ...args);
    return code === 0 || `exit code ${String(code)}\n${output}`;
  });
  await checks.check('The registry knows it', async () => {
    const answer = await get(`${platformUrl}/api/tools/task-manager`);
    return expectAnswer(
      answer,
      200,
      answer.body?.['name'] === 'Task Manager' && answer.body['status'] === 'beta',
    );
  });
  await checks.check('The platform serves it', async () =>
    expectAnswer(
      await until(`${platformUrl}/api/tools/task-manager/tasks`, 60, ({ status }) => status === 200),
      200,
    ),
  );
  await checks.check(`It keeps ${String(TITLES.length)} tasks`, async () => {
    for (const title of TITLES) {
      const made = expectAnswer(
        await post(`${platformUrl}/api/tools/task-manager/tasks`, { title, done: false }),
        201,
      );
      if (made !== true) return made;
    }
    const list = await get(`${platformUrl}/api/tools/task-manager/tasks`);
    return expectAnswer(
      list,
      200,
      TITLES.every((title) => list.text.includes(title)),
    );
  });
  await checks.check('The dashboard has its card and its pages', async () => {
    const built = (answer: { text: string }): boolean => answer.text.includes('task-manager');
    const build = await until(`${platformUrl}/web-build.json`, 120, built);
    if (!built(build)) return `web-build.json does not name it: ${build.text}`;
    const list = await get(`${platformUrl}/api/tools?q=task`);
    if (!list.text.includes('"Task Manager"')) return `the list has no card of it: ${list.text}`;
    return expectAnswer(await get(`${platformUrl}/tools/task-manager`), 200);
  });
  await stage.git('add', '--all');
  await stage.git('commit', '--quiet', '--message', 'Add the task manager');
}
