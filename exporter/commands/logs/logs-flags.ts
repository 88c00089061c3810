import { LEVEL_NAMES } from './log-levels.ts';

export const LOGS_FLAGS = {
  'tool-id': { type: 'tool-id', value: 'ID', required: true, text: 'the exported tool' },
  follow: { type: 'boolean', text: 'go on with lines that are written later, until Ctrl-C' },
  since: { type: 'duration', value: 'TIME', text: 'only lines of the last TIME, such as 90s, 10m or 2h' },
  level: { type: 'string', value: 'LEVEL', oneOf: LEVEL_NAMES, text: 'only lines of this level or above' },
  'request-id': { type: 'string', value: 'ID', text: 'only lines of this request' },
  json: { type: 'boolean', text: 'print JSON lines on a terminal too' },
} as const;
