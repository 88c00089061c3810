import type { Routes } from '@angular/router';
import { InventoryApiService } from './services/inventory-api.service';

/** Mounted by the host: the platform's shell, or the exported web app. */
export const toolRoutes: Routes = [
  {
    path: '',
    providers: [InventoryApiService],
    children: [
      {
        path: '',
        pathMatch: 'full',
        loadComponent: () =>
          import('./components/inventory-list.component').then((m) => m.InventoryListComponent),
      },
      {
        path: 'items/new',
        loadComponent: () =>
          import('./components/inventory-form.component').then((m) => m.InventoryFormComponent),
      },
      {
        path: 'items/:itemId',
        loadComponent: () =>
          import('./components/inventory-form.component').then((m) => m.InventoryFormComponent),
      },
    ],
  },
];
