/** Kinds of additions to a tool. */
export const KINDS = [
  'controller',
  'service',
  'repository',
  'validator',
  'component',
  'migration',
  'seed',
  'resource',
] as const;
export type Kind = (typeof KINDS)[number];
