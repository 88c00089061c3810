const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

/** An amount of data as a person says it: `840 bytes`, `12.5 MB`. */
export function sizeText(bytes: number): string {
  let [amount, unit] = [bytes, 0];
  while (amount >= 1000 && unit < UNITS.length - 1) [amount, unit] = [amount / 1000, unit + 1];
  return `${unit === 0 || amount >= 100 ? Math.round(amount) : amount.toFixed(1)} ${UNITS[unit] ?? ''}`;
}
