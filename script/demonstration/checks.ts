import picocolors from 'picocolors';

type Test = () => Promise<true | string> | true | string;

/** Counts passed and failed checks, and prints each at once. */
export interface Checks {
  readonly passed: number;
  readonly failed: number;
  /** Begins a part; the one before ends. */
  part(title: string): void;
  /** Says what is being done. */
  say(line: string): void;
  /** Runs `test`; anything but `true` (or a throw) is a failure, and its text says why. */
  check(title: string, test: Test): Promise<boolean>;
  /** The same, interrupted or not. */
  checkAlways(title: string, test: Test): Promise<boolean>;
  /** Ends the last part and prints all with their times. */
  summary(): void;
}

/** After `signal` every check throws, and the one under way is not waited for. */
export function createChecks(print: (line: string) => void, signal: AbortSignal): Checks {
  const colors = picocolors;
  const parts: { title: string; started: number; ms: number; failed: number }[] = [];
  const count = { passed: 0, failed: 0 };
  const endPart = (): void => {
    const last = parts.at(-1);
    if (last?.ms === 0) last.ms = Date.now() - last.started;
  };
  const record = (title: string, result: true | string): boolean => {
    if (result === true) {
      count.passed += 1;
      print(`   ${colors.green('✓')} ${title}`);
      return true;
    }
    count.failed += 1;
    const part = parts.at(-1);
    if (part !== undefined) part.failed += 1;
    print(`   ${colors.red('✗')} ${title}\n     ${result.trim().replaceAll('\n', '\n     ')}`);
    return false;
  };
  return {
    get passed() {
      return count.passed;
    },
    get failed() {
      return count.failed;
    },
    part(title) {
      endPart();
      parts.push({ title, started: Date.now(), ms: 0, failed: 0 });
      print(`\n${colors.bold(`${parts.length}. ${title}`)}`);
    },
    say: (line) => print(colors.dim(`   ${line}`)),
    check: async (title, test) => {
      signal.throwIfAborted();
      return record(title, await Promise.race([resultOf(test), interruption(signal)]));
    },
    checkAlways: async (title, test) => record(title, await resultOf(test)),
    summary() {
      endPart();
      print(`\n${colors.bold('Summary')}`);
      for (const { title, ms, failed } of parts) {
        const mark = failed === 0 ? colors.green('✓') : colors.red('✗');
        print(`   ${mark} ${title.padEnd(58)} ${(ms / 1000).toFixed(1).padStart(6)} s`);
      }
      const total = parts.reduce((sum, { ms }) => sum + ms, 0);
      print(`     ${'in all'.padEnd(58)} ${(total / 1000).toFixed(1).padStart(6)} s`);
    },
  };
}

/** Rejects when the signal comes; never resolves. */
function interruption(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const stop = (): void => reject(signal.reason as Error);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

async function resultOf(test: Test): Promise<true | string> {
  try {
    return await test();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
