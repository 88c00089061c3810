export const SQL_FLAGS = {
  command: { type: 'string', value: 'SQL', required: true, text: 'SQL to run, such as "SELECT 1"' },
  database: {
    type: 'string',
    value: 'NAME',
    default: "the platform's",
    text: 'another database of the same server',
  },
} as const;
