import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseFlags } from '../../contracts/command-line.ts';
import { PlatformError } from '../../contracts/errors.ts';
import type { CommandReport } from '../../contracts/job.ts';
import { ManifestError, parseManifest, type Manifest } from '../../contracts/manifest.ts';
import { findWorkspace } from '../../templating/roots.ts';
import { missingTool } from '../missing-tool.ts';
import { registerManifest } from '../registration.ts';
import { REGISTER_FLAGS } from './flags.ts';
import { done } from './outcome.ts';

/** `gulp register --tool-id=ID`: registers the tool from its manifest. Safe to run twice. */
export async function register(argv: readonly string[]): Promise<CommandReport> {
  const flags = parseFlags('register', argv, REGISTER_FLAGS);
  const toolId = flags['tool-id'];
  const root = findWorkspace(process.cwd());
  const outcome = await registerManifest(readManifest(root, toolId), root);
  const summary = {
    registered: 'registered',
    updated: 'updated',
    unchanged: 'already registered',
  }[outcome];
  return done({ changes: [{ step: 'register', target: toolId, summary }] });
}

/** @throws PlatformError `manifest-invalid` with the pointer of every problem */
export function readManifest(root: string, toolId: string): Manifest {
  const file = `tools/${toolId}/manifest.json`;
  if (!existsSync(path.join(root, file)))
    throw new PlatformError('manifest-invalid', `${file} does not exist.${missingTool(root, toolId)}`);
  try {
    return parseManifest(JSON.parse(readFileSync(path.join(root, file), 'utf8')));
  } catch (error) {
    const errors = error instanceof ManifestError ? error.problems : [];
    const reason =
      error instanceof ManifestError ? '' : ` ${error instanceof Error ? error.message : String(error)}`;
    throw new PlatformError('manifest-invalid', `${file} is not valid:${reason}`, { cause: error, errors });
  }
}
