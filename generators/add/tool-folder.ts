import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { tableNames } from '../../contracts/declared-tables.ts';
import { PlatformError } from '../../contracts/errors.ts';
import { parseToolId } from '../../contracts/ids.ts';
import { parseManifest, type Manifest } from '../../contracts/manifest.ts';
import { missingTool } from '../missing-tool.ts';
import { readManifest } from '../commands/register.ts';
import type { Answers, ResourceAnswer } from '../tool/answers.ts';
import { stemOf, toolModel, type ToolModel } from '../tool/model.ts';
import { readRecord, type Addition, type AdditionPlace, type ScaffoldRecord } from '../tool/record.ts';
import { readText } from '../write/journal.ts';
import { withLf } from '../write/line-ends.ts';

/** The tool to extend: from disk, or as the templates write it. */
export interface ToolFolder {
  readonly root: string;
  readonly id: string;
  readonly manifest: Manifest;
  /** Whether the tool was scaffolded. */
  readonly scaffolded: boolean;
  /** The resources of the scaffold and its additions. */
  readonly resources: readonly ResourceAnswer[];
  readonly place: AdditionPlace;
  /** Text of a file with LF line ends, or `null`; paths are relative to the tool. */
  read(file: string): string | null;
  /** Whether this file already exists. */
  isTaken(file: string): boolean;
}

/** The tool on disk with its record; `null` for a tool that was not scaffolded. */
export interface OpenTool extends ToolFolder {
  readonly record: ScaffoldRecord | null;
}

/**
 * @throws PlatformError `not-found` when the tool does not exist, `manifest-invalid` with every problem of its
 * manifest
 */
export function openTool(root: string, toolId: string): OpenTool {
  const id = valid(toolId);
  if (id === null || !existsSync(path.join(root, 'tools', id)))
    throw new PlatformError(
      'not-found',
      `Tool ${JSON.stringify(toolId)} does not exist in tools/.${missingTool(root, toolId)}`,
    );
  const manifest = readManifest(root, id);
  const record = readRecord(root, id);
  const read = (file: string): string | null => {
    const text = readText(root, `tools/${id}/${file}`);
    return text === null ? null : withLf(text);
  };
  return {
    root,
    id,
    manifest,
    record,
    scaffolded: record !== null,
    resources: record === null ? [] : resourcesOf(record.answers, record.additions),
    place: {
      ...permissionsOf(manifest),
      table: tableNames(manifest.databaseSchema.tables)[0] ?? null,
      migration: nextNumber(path.join(root, 'tools', id, 'database', 'migrations'), /^(\d+)/, 1),
      // Added seeds sort after the first one, so that the parents of their rows exist
      seed: nextNumber(path.join(root, 'tools', id, 'database', 'seeds'), /_(\d+)_/, 2),
    },
    read,
    isTaken: (file) => read(file) !== null,
  };
}

/** The tool as in `files`, to replay an earlier addition. */
export function recordedTool(input: {
  root: string;
  answers: Answers;
  files: ReadonlyMap<string, string>;
  earlier: readonly Addition[];
  addition: Addition;
}): ToolFolder {
  const { root, answers, files, earlier, addition } = input;
  return {
    root,
    id: answers.id,
    manifest: parseManifest(JSON.parse(files.get('manifest.json') ?? '{}')),
    scaffolded: true,
    resources: resourcesOf(answers, earlier),
    place: addition.place,
    read: (file) => files.get(file) ?? null,
    isTaken: () => false,
  };
}

const resourcesOf = (answers: Answers, additions: readonly Addition[]): ResourceAnswer[] => [
  ...answers.resources,
  ...additions.flatMap(({ resource }) => resource ?? []),
];

/** The template model of the tool with `resources` added. */
export function modelOf(tool: ToolFolder, resources: readonly ResourceAnswer[]): ToolModel {
  const { id, name, description, version, status, owner } = tool.manifest;
  const all = [...tool.resources, ...resources];
  const answers: Answers = { id, name, description, version, status, owner, resources: all };
  const { readPermission, writePermission } = tool.place;
  return { ...toolModel(answers), readPermission, writePermission };
}

/** A tool that was not scaffolded may use other permission names. */
function permissionsOf({ id, permissions }: Manifest): { readPermission: string; writePermission: string } {
  const stem = stemOf(id);
  const pick = (verb: string): string => permissions.find((p) => p.endsWith(`:${verb}`)) ?? `${stem}:${verb}`;
  return { readPermission: pick('read'), writePermission: pick('write') };
}

/** The next free number in a folder, at least `first`: `003`. */
function nextNumber(folder: string, pattern: RegExp, first: number): string {
  const numbers = existsSync(folder)
    ? readdirSync(folder).map((name) => Number(pattern.exec(name)?.[1] ?? 0))
    : [];
  return String(Math.max(first - 1, ...numbers) + 1).padStart(3, '0');
}

function valid(toolId: string): string | null {
  try {
    return parseToolId(toolId);
  } catch {
    return null;
  }
}
