/** Sets the exit code of the process for good: gulp would end with code 1 for any failed task (contracts/errors.ts, EXIT). */
export function exitWith(code: number): void {
  process.exitCode = code;
  process.once('exit', () => {
    process.exitCode = code;
  });
}
