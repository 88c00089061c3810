import { SyntaxKind, type SourceFile } from 'ts-morph';
import { environmentsIn, keysReadFrom } from '../backend/environment.ts';
import { forgetNodes, nodesOfKind } from '../source/nodes.ts';
import { importedUses, isUse, type ImportedUse } from './bindings.ts';
import { declarationsAround, declaredNames, exportedMembers } from './declarations.ts';
import { readSession, type SessionUse } from './session.ts';
import { readFileState, type FileState } from './state.ts';
import { readDrizzle } from './tables/drizzle.ts';
import { readKnex } from './tables/knex.ts';
import { readKysely } from './tables/kysely.ts';
import { readPrisma } from './tables/prisma.ts';
import type { Found, ReadContext } from './tables/reader.ts';
import { readSequelize } from './tables/sequelize.ts';
import { readSql, type SqlFound } from './tables/sql.ts';
import type { Place } from './types.ts';

const BUILDERS = [readKnex, readKysely, readDrizzle, readPrisma, readSequelize];

/** The declarations of a file, and which of them mention which others. */
export interface Outline {
  readonly declared: readonly string[];
  /** Members of the object that the file exports as its default. */
  readonly members: readonly string[];
  readonly mentions: readonly { readonly name: string; readonly within: readonly string[] }[];
}

/** A read of an environment variable. */
export interface VariableRead extends Place {
  readonly name: string;
}

/** What one file contributes; holds no nodes of it. */
export interface FileFacts {
  readonly sql: SqlFound;
  readonly builders: readonly Found[];
  readonly session: readonly SessionUse[];
  readonly variables: readonly VariableRead[];
  readonly state: FileState;
  readonly uses: readonly ImportedUse[];
  /** `null` for files of modules, which are read as a whole. */
  readonly outline: Outline | null;
}

export interface FileRequest {
  readonly file: string;
  readonly source: SourceFile;
  readonly context: ReadContext;
  /** Files that the imports of the file lead to, by specifier. */
  readonly targets: ReadonlyMap<string, string>;
  readonly isShared: boolean;
  /** All files, for names that the file exports. */
  readonly others: readonly SourceFile[];
  /** Path of a file relative to the source. */
  readonly pathOf: (source: SourceFile) => string;
}

/** Reads one file and frees its nodes, so that large sources fit into memory. */
export function readFile(request: FileRequest): FileFacts {
  const { file, source, context, targets, isShared } = request;
  const facts: FileFacts = {
    sql: readSql(file, source, context),
    builders: BUILDERS.map((read) => read(file, source, context)),
    session: readSession(file, source),
    variables: variablesOf(request),
    state: readFileState(file, source),
    uses: importedUses(source, targets),
    outline: isShared ? outlineOf(source) : null,
  };
  forgetNodes(source);
  return facts;
}

function variablesOf({ source, others, pathOf }: FileRequest): readonly VariableRead[] {
  return environmentsIn(source)
    .flatMap((bag) => keysReadFrom(bag, others))
    .flatMap(({ name, node }) =>
      name === null ? [] : [{ name, file: pathOf(node.getSourceFile()), line: node.getStartLineNumber() }],
    );
}

function outlineOf(source: SourceFile): Outline {
  const declared = declaredNames(source);
  const members = exportedMembers(source);
  const known = new Set([...declared, ...members]);
  const mentions = nodesOfKind(source, SyntaxKind.Identifier)
    .filter((node) => known.has(node.getText()) && isUse(node))
    .map((node) => ({ name: node.getText(), within: declarationsAround(node) }));
  return { declared, members, mentions };
}
