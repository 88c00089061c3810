/** One argument as a POSIX shell reads it, whatever is in it. */
export const shellQuote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** The command that runs one SQL statement in the platform's database, or in another one of its server. No psql is needed. */
export function sqlCommand(sql: string, database?: string): string {
  return `npx gulp db:sql ${database === undefined ? '' : `--database=${shellQuote(database)} `}--command=${shellQuote(sql)}`;
}
