/** Value of a tool's variable while its contract is recorded and replayed: never a real address or secret. */
export const placeholderOf = (variable: string): string =>
  /_UR[LI]$/.test(variable) ? 'http://127.0.0.1:9' : '1';
