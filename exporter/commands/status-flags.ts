export const STATUS_FLAGS = {
  'tool-id': { type: 'tool-id', value: 'ID', text: 'one tool only' },
  json: { type: 'boolean', text: 'print one JSON document' },
} as const;
