export const MIGRATE_FLAGS = {
  'tool-id': { type: 'tool-id', value: 'ID', required: true, text: 'id of the exported tool (required)' },
  'dry-run': { type: 'boolean', text: 'list the pending migrations; change nothing' },
  json: { type: 'boolean', text: 'print one JSON document' },
} as const;
