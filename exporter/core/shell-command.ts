/** Quotes any text as one argument of a POSIX shell. */
export const shellQuote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

/** The command that runs one SQL statement in the platform's or another database of its server, without psql. */
export function sqlCommand(sql: string, database?: string): string {
  return `npx gulp db:sql ${database === undefined ? '' : `--database=${shellQuote(database)} `}--command=${shellQuote(sql)}`;
}
