import type { DdlEvent } from './read-ddl.ts';

/** A model of a Prisma schema. */
export interface PrismaModel {
  readonly name: string;
  readonly table: string;
  readonly line: number;
  readonly fields: readonly PrismaField[];
}

export interface PrismaField {
  readonly name: string;
  /** Without `[]` and `?`. */
  readonly type: string;
  /** The fields that hold the key of a relation; empty for other fields and for the other side. */
  readonly keys: readonly string[];
  readonly line: number;
}

/** The models of a `.prisma` file. */
export function readPrismaModels(text: string): readonly PrismaModel[] {
  const models: PrismaModel[] = [];
  let open: { name: string; line: number; body: string[] } | null = null;
  for (const [i, line] of text.split('\n').entries()) {
    const [, name] = /^\s*model\s+(\w+)\s*\{/.exec(line) ?? [];
    if (name !== undefined) open = { name, line: i + 1, body: [] };
    else if (open !== null && /^\s*\}/.test(line)) {
      models.push(modelOf(open));
      open = null;
    } else open?.body.push(line);
  }
  return models;
}

function modelOf({ name, line, body }: { name: string; line: number; body: readonly string[] }): PrismaModel {
  const [, table] = /@@map\(\s*(?:name:\s*)?"([^"]+)"/.exec(body.join('\n')) ?? [];
  const fields = body.flatMap((text, i) => {
    const [, field, type] = /^\s*(\w+)\s+(\w+)(?:\[\]|\?)?/.exec(text) ?? [];
    if (field === undefined || type === undefined) return [];
    const [, keys = ''] = /@relation\([^)]*\bfields:\s*\[([^\]]*)\]/.exec(text) ?? [];
    return [
      { name: field, type, keys: keys.split(',').flatMap((key) => key.trim() || []), line: line + i + 1 },
    ];
  });
  return { name, table: table ?? name, line, fields };
}

/** Tables and foreign keys of the models. A key gets the name that Prisma gives it. */
export function ddlOfModels(models: readonly PrismaModel[]): readonly DdlEvent[] {
  const byName = new Map(models.map((model) => [model.name, model]));
  return models.flatMap(({ table, line, fields }) => [
    { kind: 'table', name: table, line } as const,
    ...fields.flatMap((field) => {
      const target = byName.get(field.type);
      if (target === undefined || field.keys.length === 0) return [];
      const name = `${table}_${field.keys.join('_')}_fkey`;
      return [{ kind: 'foreign-key', name, from: table, to: target.table, line: field.line } as const];
    }),
  ]);
}
