export const MIGRATE_FLAGS = {
  'tool-id': { type: 'tool-id', value: 'ID', required: true, text: 'the exported tool' },
  'dry-run': { type: 'boolean', text: 'list the pending migrations; change nothing' },
  json: { type: 'boolean', text: 'print one JSON document' },
} as const;
