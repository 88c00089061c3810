/** Sets the exit code so that gulp cannot replace it: gulp exits with 1 for any failed task (contracts/errors.ts, EXIT). */
export function exitWith(code: number): void {
  process.exitCode = code;
  process.once('exit', () => {
    process.exitCode = code;
  });
}
