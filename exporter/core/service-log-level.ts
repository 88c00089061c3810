import type { Settings } from '../../contracts/settings.ts';

/** Log level of an exported service: that of its export, but warnings where the export itself is silent. */
export const serviceLogLevel = ({ logLevel }: Pick<Settings, 'logLevel'>): string =>
  logLevel === 'silent' ? 'warn' : logLevel;
