import type { Operation } from '../../http/operation.ts';
import type { RegistryServices } from '../../services.ts';
import { deleteToolOperation } from './delete-tool.ts';
import { getToolOperation } from './get-tool.ts';
import { listHistoryOperation } from './list-history.ts';
import { listToolsOperation } from './list-tools.ts';
import { registerToolOperation } from './register-tool.ts';
import { replaceToolOperation } from './replace-tool.ts';
import { searchToolsOperation } from './search-tools.ts';

/** In the order in which addresses are matched: `/api/tools/search` before `/api/tools/{toolId}`. */
export const toolOperations = (services: RegistryServices): readonly Operation[] => [
  registerToolOperation(services),
  listToolsOperation(services),
  searchToolsOperation(services),
  getToolOperation(services),
  replaceToolOperation(services),
  deleteToolOperation(services),
  listHistoryOperation(services),
];
