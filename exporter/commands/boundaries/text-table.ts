import { stripVTControlCharacters } from 'node:util';

/** Rows as aligned columns; numbers are aligned to the right. */
export function textTable(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => widthOf(row[column] ?? ''))),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const blank = ' '.repeat((widths[column] ?? 0) - widthOf(cell));
        return column > 0 && /^[\d,.*rw·]+$/.test(stripVTControlCharacters(cell))
          ? blank + cell
          : cell + blank;
      })
      .join('  ')
      .trimEnd(),
  );
}

const widthOf = (text: string): number => stripVTControlCharacters(text).length;
