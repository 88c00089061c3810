import type { Change } from '../../../../contracts/plan.ts';
import { asGate } from '../../../core/as-gate.ts';
import { sha256 } from '../../../core/provenance.ts';
import type { Operation } from '../../../core/step.ts';
import type { BackendFacts } from '../facts.ts';

/** Folder of the service, and the checksum of its lock file. */
export type InstallPackages = Change<'install-packages', { readonly folder: string; readonly lock: string }>;

/** The packages of the service's own lock file, installed where the repository's cannot be found. */
export const installPackages: Operation<InstallPackages, BackendFacts> = {
  kind: 'install-packages',
  undoPhase: 'folders',
  plan: ({ names: { apiFolder }, backend }) => [
    {
      step: 'backend',
      kind: 'install-packages',
      target: `${apiFolder}/node_modules`,
      before: null,
      after: { folder: apiFolder, lock: sha256(backend.files['package-lock.json'] ?? '') },
    },
  ],
  async run({ after: { folder } }, ports) {
    const how = await asGate('packages', ports, () => ports.isolation.install(folder));
    if (how === 'kept') ports.report.log('info', 'The same packages were installed by an earlier export');
  },
  async undo(change, ports) {
    await ports.isolation.clear();
    await ports.files.removeTree(change.target);
  },
  done: () => 'Packages installed by npm ci in an empty folder',
  undone: () => '',
  wouldUndo: ({ target }) => `Delete ${target}/`,
  would: ({ target }) => `Would install ${target}/`,
  removeByHand: ({ target }) => `rm -rf ${target}`,
};
