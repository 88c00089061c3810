import type { Routes } from '@angular/router';
import { registerTool } from './tools/tool-routes';

/**
 * The shell's own pages. A tool's route is not among them: it is made from the registry's answer when the tool
 * is first asked for (see `tools/tool-routes.ts`) and put in front of the catch-all for tools.
 */
export const routes: Routes = [
  { path: '', pathMatch: 'full', redirectTo: 'tools' },
  {
    path: 'tools',
    pathMatch: 'full',
    title: 'Tools',
    loadComponent: () => import('./tools/tools.page').then((m) => m.ToolsPage),
  },
  {
    path: 'tools/new',
    title: 'New tool',
    loadComponent: () => import('./new-tool/new-tool.page').then((m) => m.NewToolPage),
  },
  {
    path: 'tools/:toolId/about',
    title: 'About',
    loadComponent: () => import('./about/about.page').then((m) => m.AboutPage),
  },
  {
    path: 'tools/:toolId/export',
    title: 'Export',
    loadComponent: () => import('./exports/start-export.page').then((m) => m.StartExportPage),
  },
  {
    path: 'exports',
    pathMatch: 'full',
    title: 'Exports',
    loadComponent: () => import('./exports/exports.page').then((m) => m.ExportsPage),
  },
  {
    path: 'exports/:jobId',
    title: 'Export job',
    loadComponent: () => import('./exports/job.page').then((m) => m.JobPage),
  },
  {
    path: 'sign-in',
    title: 'Sign in',
    loadComponent: () => import('./core/sign-in.page').then((m) => m.SignInPage),
  },
  {
    path: 'forbidden',
    title: 'Not allowed',
    loadComponent: () => import('./core/forbidden.page').then((m) => m.ForbiddenPage),
  },
  {
    path: 'tools/:toolId',
    canMatch: [registerTool],
    children: [
      { path: '**', loadComponent: () => import('./tools/tool-gate.page').then((m) => m.ToolGatePage) },
    ],
  },
  {
    path: '**',
    title: 'Not found',
    loadComponent: () => import('./core/not-found.page').then((m) => m.NotFoundPage),
  },
];
