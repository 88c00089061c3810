export const DOCTOR_FLAGS = {
  fix: {
    type: 'boolean',
    text: 'remove orphaned resources of earlier exports; on a terminal, ask first',
  },
  yes: { type: 'boolean', text: 'remove orphaned resources without asking' },
  json: { type: 'boolean', text: 'print one JSON document' },
} as const;
