import { TOOL_STATUSES } from '../../../contracts/manifest.ts';

/** Query parameters that narrow a list of tools; see `store/tool-filter.ts`. */
export const FILTERS = {
  status: {
    type: 'array',
    items: { enum: TOOL_STATUSES },
    maxItems: 4,
    description: 'One or more statuses.',
  },
  exported: { type: 'boolean', description: 'Only tools that are (not) exported.' },
  owner: { type: 'string', maxLength: 100 },
  q: { type: 'string', maxLength: 200, description: 'Words of name, id or description; tolerates typos.' },
  dependsOn: { type: 'string', maxLength: 50, description: 'Only tools that depend on this tool.' },
};
