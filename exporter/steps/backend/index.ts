import type { Change } from '../../../contracts/plan.ts';
import type { Facts } from '../../core/facts.ts';
import { treeOf } from '../../core/file-tree.ts';
import type { Step } from '../../core/step.ts';
import { copySource, type CopySource } from './operations/copy-source.ts';
import { createService, type CreateService } from './operations/create-service.ts';
import { RECORDED_FILE, recordContract, type RecordContract } from './operations/record-contract.ts';
import { verifyService, type VerifyService } from './operations/verify-service.ts';
import { writePackage, type WritePackage } from './operations/write-package.ts';

const PACKAGE_FILES = ['package.json', 'package-lock.json'];

/** An Express service of its own around the tool's untouched backend. */
export const backendStep: Step = {
  id: 'backend',
  title: 'Generate Backend Service',
  check: (facts) => facts.backend.findings,
  plan,
  operations: [createService, writePackage, copySource, recordContract, verifyService],
};

function plan({ manifest, backend, names }: Facts): readonly Change[] {
  const target = names.apiFolder;
  const carried = new Set(backend.carried);
  const isPackage = (file: string): boolean => PACKAGE_FILES.includes(file);
  const step = 'backend';
  const changes: readonly [CreateService, WritePackage, CopySource, RecordContract, VerifyService] = [
    {
      step,
      kind: 'create-service',
      target,
      before: backend.before === null ? null : { files: backend.before },
      after: treeOf(backend.files, (file) => !carried.has(file) && !isPackage(file)),
    },
    { step, kind: 'write-service-package', target, before: null, after: treeOf(backend.files, isPackage) },
    {
      step,
      kind: 'copy-service-source',
      target,
      before: null,
      after: treeOf(backend.files, (file) => carried.has(file)),
    },
    {
      step,
      kind: 'record-contract',
      target,
      before: null,
      after: {
        toolId: manifest.id,
        base: `/api/${manifest.id}`,
        database: names.contractDatabase,
        keep: RECORDED_FILE in backend.files,
      },
    },
    { step, kind: 'verify-service', target, before: null, after: { tests: unitTests(backend.files) } },
  ];
  return changes;
}

/** Folders whose tests need nothing but the code; the database's come later. */
function unitTests(files: Readonly<Record<string, string>>): readonly string[] {
  return ['host', 'unit']
    .filter((folder) =>
      Object.keys(files).some((f) => f.startsWith(`tests/${folder}/`) && f.endsWith('.test.ts')),
    )
    .map((folder) => `tests/${folder}/**/*.test.ts`);
}
