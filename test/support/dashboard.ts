import { existsSync } from 'node:fs';
import { cp, rename } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Browser } from 'playwright-core';
import { openBrowser } from './browser.ts';
import { openLab, type Lab } from './lab.ts';

/** What `/web-build.json` says. */
export interface BuildState {
  readonly id: string | null;
  readonly building: boolean;
  readonly error: string | null;
  readonly tools: readonly string[];
  readonly problems: Readonly<Record<string, string>>;
}

/** A platform with its dashboard, and a browser. */
export interface DashboardLab {
  readonly lab: Lab;
  readonly browser: Browser;
}

let opening: Promise<DashboardLab> | undefined;
let environment = '{}';

/**
 * One for all tests of a mocha process, because a dashboard takes long to build. The platform runs with `env`; a file
 * that asks for another one than the file before gets it started anew, with the same database and build.
 */
export async function dashboardLab(env: Readonly<Record<string, string>> = {}): Promise<DashboardLab> {
  opening ??= open();
  const opened = await opening;
  if (JSON.stringify(env) !== environment) {
    await opened.lab.stopPlatform();
    await opened.lab.startPlatform(env);
    environment = JSON.stringify(env);
  }
  await builtDashboard(opened.lab);
  return opened;
}

async function open(): Promise<DashboardLab> {
  const [lab, browser] = await Promise.all([
    openLab({ start: false, env: { PLATFORM_WEB: 'auto' } }),
    openBrowser(),
  ]);
  const [mine, shared] = [path.join(lab.root, '.platform/web/builds'), process.env['TEST_DASHBOARDS']];
  const copy = (from: string, to: string): Promise<void> =>
    cp(from, to, { recursive: true, preserveTimestamps: true });
  // The platform finds by its own digests whether one of them is of the same sources
  if (shared !== undefined && existsSync(shared)) await copy(shared, mine);
  await lab.startPlatform();
  await builtDashboard(lab);
  if (shared !== undefined && !existsSync(shared)) {
    await copy(mine, `${shared}-${process.pid}`);
    await rename(`${shared}-${process.pid}`, shared).catch(() => undefined); // another process was first
  }
  return { lab, browser };
}

// Of the root: the last file's tests are over
after(async function () {
  const opened = await opening;
  await Promise.all([opened?.browser.close(), opened?.lab.close()]);
});

/** Waits until the dashboard's build has settled, and is as `wanted`. */
export async function builtDashboard(
  lab: Lab,
  wanted: (state: BuildState) => boolean = () => true,
): Promise<void> {
  for (;;) {
    const state = (await (await fetch(`${lab.platformUrl}/web-build.json`)).json()) as BuildState;
    if (!state.building && state.error !== null)
      throw new Error(`the dashboard was not built: ${state.error}`);
    if (!state.building && state.id !== null && wanted(state)) return;
    await delay(250);
  }
}

/** Registers a tool through the API, as a program would. */
export const registerTool = (
  lab: Lab,
  tool: Readonly<Record<string, unknown>>,
  token?: string,
): Promise<Response> =>
  fetch(`${lab.platformUrl}/api/tools`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(tool),
  });

/** Leaves the inventory tracker and `tools`, whatever other files have left behind. */
export async function onlyTools(
  lab: Lab,
  tools: readonly Readonly<Record<string, unknown>>[],
): Promise<void> {
  const listed = await fetch(`${lab.platformUrl}/api/tools?limit=200`);
  const { data } = (await listed.json()) as { data: readonly { toolId: string }[] };
  for (const { toolId } of data)
    if (toolId !== 'inventory-tracker')
      await fetch(`${lab.platformUrl}/api/tools/${toolId}`, { method: 'DELETE' });
  for (const tool of tools) {
    const { status } = await registerTool(lab, tool);
    if (status !== 201) throw new Error(`${String(tool['toolId'])} was not registered: ${String(status)}`);
  }
}

/** A page of tools that looks like one of a company. */
export const NEIGHBOURS = [
  {
    toolId: 'form-builder',
    name: 'Form Builder',
    description: 'Build forms and collect the answers.',
    version: '2.0.1',
    status: 'active',
    icon: 'edit_note',
  },
  {
    toolId: 'analytics-dashboard',
    name: 'Analytics Dashboard',
    description: 'Figures of the day, drawn as charts.',
    version: '2.3.1',
    status: 'active',
    icon: 'analytics',
  },
  {
    toolId: 'task-manager',
    name: 'Task Manager',
    description: 'Manage tasks and to-do lists.',
    version: '0.1.0',
    status: 'alpha',
    icon: 'task_alt',
  },
  {
    toolId: 'settings-manager',
    name: 'Settings Manager',
    description: 'One place for every switch.',
    version: '1.4.0',
    status: 'beta',
    icon: 'settings',
  },
  {
    toolId: 'theme-designer',
    name: 'Theme Designer',
    description: 'Colours, type and spacing for all apps.',
    version: '1.0.2',
    status: 'deprecated',
    icon: 'palette',
  },
] as const;
