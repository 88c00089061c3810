import type { Request, RequestHandler, Response } from 'express';
import { HttpProblem } from '#contracts/http-problem';
import type { ToolContext } from '#contracts/tool-context';
import type { InventoryService } from '../services/inventory.service.ts';
import type { InventoryItem } from '../types/inventory.types.ts';
import type { Versioned } from '../types/versioned.ts';
import { acceptedVersions, etagOf } from '../validators/if-match.ts';
import {
  isItemId,
  parseItemEdit,
  parseItemQuery,
  parseMovement,
  parseNewItem,
  parsePage,
} from '../validators/inventory.validator.ts';

type Handler = 'list' | 'get' | 'create' | 'edit' | 'remove' | 'adjust' | 'transactions';

/** HTTP only. Errors go to the host, which responds with problem+json. */
export function inventoryController(
  service: InventoryService,
  principalOf: ToolContext['principalOf'],
): Record<Handler, RequestHandler> {
  return {
    list: async (req, res) => {
      res.json(await service.list(parseItemQuery(req.query)));
    },
    get: async (req, res) => {
      answer(res, await service.get(itemId(req)));
    },
    create: async (req, res) => {
      const created = await service.create(parseNewItem(req.body));
      answer(res.status(201).location(`${req.baseUrl}/items/${created.row.id}`), created);
    },
    edit: async (req, res) => {
      answer(res, await service.edit(itemId(req), parseItemEdit(req.body), versionsFor(req)));
    },
    remove: async (req, res) => {
      await service.remove(itemId(req), versionsFor(req));
      res.status(204).end();
    },
    adjust: async (req, res) => {
      const actor = principalOf(req).subject;
      res.json(await service.adjust(itemId(req), parseMovement(req.body), actor));
    },
    transactions: async (req, res) => {
      res.json(await service.transactions(itemId(req), parsePage(req.query)));
    },
  };
}

/** The ETag is the version that a client sends back as If-Match, so as not to overwrite the changes of others. */
function answer(res: Response, { row, version }: Versioned<InventoryItem>): void {
  res.set('ETag', etagOf(version)).json(row);
}

const versionsFor = (req: Request): readonly string[] | null => acceptedVersions(req.get('If-Match'));

function itemId(req: Request): string {
  const id = String(req.params['id']);
  if (!isItemId(id)) throw new HttpProblem(404, 'item-not-found', 'There is no inventory item of this id.');
  return id;
}
