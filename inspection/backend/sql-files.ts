import { readFileSync } from 'node:fs';
import path from 'node:path';
import { positionOf } from '../../contracts/sql-parser.ts';
import { readTables, type TableUse } from '../sql/read-tables.ts';
import type { CheckContext } from './context.ts';

/** An SQL file beside the code, with the tables that it names. */
export interface SqlFile {
  readonly file: string;
  /** Comments are replaced by spaces, which keeps line numbers. */
  readonly text: string;
  /** `null` when PostgreSQL cannot parse the file. */
  readonly tables: readonly TableUse[] | null;
  /** Line of the syntax error, if there is one. */
  readonly unreadableAt: number | null;
}

/** The `.sql` files of the backend. Migrations and seeds run as the owner of the tables and are excluded. */
export function sqlFilesOf({ root, graph, running }: CheckContext): readonly SqlFile[] {
  return [...running]
    .filter((file) => file.endsWith('.sql') && graph.own.includes(file))
    .map((file) => {
      const text = readFileSync(path.join(root, file), 'utf8').replace(
        /--[^\n]*|\/\*[\s\S]*?\*\//g,
        (comment) => comment.replace(/[^\n]/g, ' '),
      );
      return { file, text, ...tablesOf(text) };
    });
}

function tablesOf(text: string): Pick<SqlFile, 'tables' | 'unreadableAt'> {
  try {
    return { tables: readTables(text), unreadableAt: null };
  } catch (error) {
    return { tables: null, unreadableAt: text.slice(0, positionOf(error)).split('\n').length };
  }
}
