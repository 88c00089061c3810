import { Router } from 'express';
import type { ToolContext } from '#contracts/tool-context';
import { inventoryController } from '../controllers/inventory.controller.ts';
import { InventoryService } from '../services/inventory.service.ts';

export function inventoryRoutes(context: ToolContext): Router {
  const service = new InventoryService(context.db);
  const controller = inventoryController(service, (req) => context.principalOf(req));
  const read = context.requirePermission('inventory:read');
  const write = context.requirePermission('inventory:write');
  const router = Router();
  router.get('/items', read, controller.list);
  router.post('/items', write, controller.create);
  router.get('/items/:id', read, controller.get);
  router.put('/items/:id', write, controller.edit);
  router.delete('/items/:id', write, controller.remove);
  router.post('/items/:id/adjust', write, controller.adjust);
  router.get('/items/:id/transactions', read, controller.transactions);
  return router;
}
