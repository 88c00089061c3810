import { STEP_TITLES } from '../../../contracts/plan.ts';
import type { Step } from '../../core/step.ts';
import type { BackendFacts } from './facts.ts';
import { copySource } from './operations/copy-source.ts';
import { createService } from './operations/create-service.ts';
import { installPackages } from './operations/install-packages.ts';
import { recordContract } from './operations/record-contract.ts';
import { verifyService } from './operations/verify-service.ts';
import { writePackage } from './operations/write-package.ts';
import { readBackend } from './read.ts';

/** An Express service around the tool's unchanged backend. */
export const backendStep: Step<BackendFacts> = {
  id: 'backend',
  title: STEP_TITLES.backend,
  read: readBackend,
  check: ({ backend }) => backend.findings,
  carries: ({ backend }) => backend.carried,
  operations: [createService, writePackage, copySource, installPackages, recordContract, verifyService],
};
