import type { Checks } from './checks.ts';
import { expectAnswer, get, until } from './http.ts';
import type { Stage } from './stage.ts';

/** The platform as a user finds it: registry, dashboard, and the tool that comes with it. */
export async function showPlatform(stage: Stage, checks: Checks): Promise<void> {
  checks.part('Start the platform');
  await stage.startPlatform((line) => checks.say(line));
  checks.say(`${stage.platformUrl}, gateway ${stage.gatewayUrl}`);
  await checks.check('The registry lists the inventory tracker', async () => {
    const answer = await get(`${stage.platformUrl}/api/tools`);
    return expectAnswer(answer, 200, answer.text.includes('"inventory-tracker"'));
  });
  await checks.check('The inventory tracker has 1,250 items in 2 tables', async () => {
    const answer = await get(`${stage.platformUrl}/api/tools/inventory-tracker/items?limit=1`);
    const rows = await stage.query('SELECT count(*)::int AS items FROM inventory_items');
    const items = rows[0]?.['items'];
    return (
      expectAnswer(answer, 200, items === 1250) === true ||
      `${String(items)} items; ${answer.text.slice(0, 200)}`
    );
  });
  await checks.check('The dashboard opens', async () => {
    const page = (answer: { text: string }): boolean => answer.text.includes('<app-root');
    const answer = await until(`${stage.platformUrl}/tools`, 120, page);
    return expectAnswer(answer, 200, page(answer));
  });
}
