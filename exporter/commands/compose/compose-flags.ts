export const COMPOSE_FLAGS = {
  'tool-id': { type: 'tool-id', value: 'ID', required: true, text: 'tool whose entry is removed' },
} as const;
