import path from 'node:path';
import { createConflicterTransform, type ConflicterOptions } from '@yeoman/conflicter';
import type { BaseEnvironment } from '@yeoman/types';
import type { MemFsEditorFile } from 'mem-fs-editor';
import { isFilePending, setCommittedFile } from 'mem-fs-editor/state';
import { readText, writeAll } from './journal.ts';

/**
 * Commits the in-memory file system of Yeoman: changed files pass through its conflict dialogue, and the accepted
 * ones are written atomically, see {@link writeAll}.
 */
export async function commitTo(options: {
  root: string;
  environment: BaseEnvironment;
  /** Paths below the root to write without asking. */
  settled: ReadonlySet<string>;
}): Promise<void> {
  const { root, environment, settled } = options;
  const { adapter, sharedFs, conflicterOptions } = environment as BaseEnvironment & {
    conflicterOptions?: ConflicterOptions;
  };
  const asked = (file: MemFsEditorFile): boolean =>
    isFilePending(file) && !settled.has(relativePath(root, file)) && differs(root, file);
  await sharedFs.pipeline({ filter: asked }, createConflicterTransform(adapter, conflicterOptions ?? {}));
  const files: MemFsEditorFile[] = [];
  sharedFs.each((file) => {
    if (isFilePending(file)) files.push(file);
  });
  writeAll(
    root,
    files.map((file) => {
      const relative = relativePath(root, file);
      return { path: relative, before: readText(root, relative), after: textOf(file) };
    }),
  );
  for (const file of files) setCommittedFile(file);
}

function differs(root: string, file: MemFsEditorFile): boolean {
  const present = readText(root, relativePath(root, file));
  return present !== null && present !== textOf(file);
}

const relativePath = (root: string, file: MemFsEditorFile): string =>
  path.relative(root, file.path).split(path.sep).join('/');

const textOf = (file: MemFsEditorFile): string | null =>
  file.state === 'deleted' || file.contents === null ? null : file.contents.toString();
