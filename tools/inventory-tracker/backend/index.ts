import type { Router } from 'express';
import type { ToolContext } from '#contracts/tool-context';
import { inventoryRoutes } from './routes/inventory.routes.ts';

/** Called by the host: the monolith, or the exported service. */
export default function createRouter(context: ToolContext): Router {
  return inventoryRoutes(context);
}
