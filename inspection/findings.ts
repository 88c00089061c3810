import type { Finding } from '../contracts/plan.ts';

export type MakeFinding = (fields: Omit<Finding, 'step' | 'severity'>) => Finding;

const make =
  (step: Finding['step'], severity: Finding['severity']): MakeFinding =>
  (fields) => ({ step, severity, ...fields });

export const backendError = make('backend', 'error');
export const backendInfo = make('backend', 'info');
export const backendWarning = make('backend', 'warning');
export const frontendError = make('frontend', 'error');
export const frontendWarning = make('frontend', 'warning');
