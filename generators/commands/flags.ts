export const REGISTER_FLAGS = {
  'tool-id': { type: 'tool-id', value: 'ID', required: true, text: 'the tool to register' },
  json: { type: 'boolean', text: 'print one JSON document' },
} as const;

export const UNDO_FLAGS = {
  'tool-id': { type: 'tool-id', value: 'ID', required: true, text: 'the tool whose scaffold to undo' },
  force: { type: 'boolean', text: 'also remove files that were edited or added since' },
  'dry-run': { type: 'boolean', text: 'list what would be removed and kept' },
  json: { type: 'boolean', text: 'print one JSON document' },
} as const;

export const UPDATE_FLAGS = {
  'tool-id': {
    type: 'tool-id',
    value: 'ID',
    default: "the workspace's own files and every scaffolded tool",
    text: 'only this tool',
  },
  check: { type: 'boolean', text: 'only check; exit code 2 when files are outdated' },
  'dry-run': { type: 'boolean', text: 'print the changes as a diff without writing them' },
  json: { type: 'boolean', text: 'print one JSON document' },
} as const;
