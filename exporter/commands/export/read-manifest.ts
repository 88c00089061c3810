import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { ManifestError, parseManifest, type Manifest } from '../../../contracts/manifest.ts';
import type { Finding } from '../../../contracts/plan.ts';
import { toolHint } from '../../../contracts/tool-hint.ts';
import { toolFolders } from '../../../templating/tool-folders.ts';

/** Reads the manifest of a tool, or returns all its problems, each with its JSON pointer. */
export async function readManifest(
  root: string,
  toolId: string,
): Promise<{ readonly manifest: Manifest | null; readonly findings: readonly Finding[] }> {
  const file = `tools/${toolId}/manifest.json`;
  const again = `Correct it, then run: npx gulp export --tool-id=${toolId}`;
  const refused = (message: string, remedy: string): Finding => ({
    code: 'manifest-invalid',
    severity: 'error',
    step: 'preflight',
    file,
    message,
    remedy,
  });
  let text: string;
  try {
    text = await readFile(path.join(root, file), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return {
      manifest: null,
      findings: [
        {
          ...refused(
            'the tool does not exist',
            `${toolHint(toolId, toolFolders(root))} To create it: npx create-tool ${toolId}`,
          ),
          code: 'tool-not-found',
        },
      ],
    };
  }
  try {
    const manifest = parseManifest(JSON.parse(text) as unknown);
    if (manifest.id !== toolId)
      return {
        manifest: null,
        findings: [refused(`/id: must be "${toolId}", the name of its folder`, again)],
      };
    return { manifest, findings: [] };
  } catch (error) {
    if (error instanceof ManifestError)
      return {
        manifest: null,
        findings: error.problems.map((p) => refused(`${p.pointer || '/'}: ${p.message}`, again)),
      };
    return { manifest: null, findings: [refused(`is not JSON: ${(error as Error).message}`, again)] };
  }
}
