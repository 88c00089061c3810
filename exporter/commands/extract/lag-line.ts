import type { Lag } from '../../../extraction/index.ts';

const EVERY_MS = 10_000;

/** Prints the lag on standard error: one line that changes on a terminal, otherwise a line every ten seconds. */
export function lagPrinter({ withHint }: { readonly withHint: boolean }): (lag: Lag) => void {
  let last = -Infinity;
  const hint = (text: string): string => (withHint ? `; ${text} switches` : '');
  return (lag) => {
    if (process.stderr.isTTY) {
      process.stderr.write(`\r\u001b[K${lagLine(lag)}${hint('Enter')}`);
      return;
    }
    const now = performance.now();
    if (now - last < EVERY_MS) return;
    last = now;
    process.stderr.write(`${lagLine(lag)}${hint(`SIGUSR2 to process ${process.pid}`)}\n`);
  };
}

/** `lag: 1.5 MiB, 0.4 s`, followed by what keeps it from becoming smaller. */
export function lagLine({ bytes, seconds, running, errors }: Lag): string {
  const problems = [
    ...(running ? [] : ["the target's worker is not connected"]),
    ...(errors === 0
      ? []
      : [
          `${errors.toLocaleString('en-US')} changes could not be applied, see the log of the target's PostgreSQL`,
        ]),
  ];
  return [`lag: ${amount(bytes)}, ${seconds.toFixed(1)} s`, ...problems].join('; ');
}

const amount = (bytes: number): string =>
  bytes < 1024 * 1024
    ? `${bytes.toLocaleString('en-US')} bytes`
    : `${(bytes / 1024 / 1024).toLocaleString('en-US', { maximumFractionDigits: 1 })} MiB`;
