import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface TestFailure {
  readonly title: string;
  readonly file: string;
  readonly text: string;
}

export interface GroupResult {
  readonly passed: number;
  readonly failures: readonly TestFailure[];
}

export interface MochaRun {
  readonly files: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Called when a file is done. */
  readonly onFile: (file: string, result: { passed: number; failed: number; ms: number }) => void;
}

interface TestEvent {
  readonly fullTitle: string;
  readonly file?: string;
  readonly err?: string;
  readonly stack?: string;
}

const NOISE_LIMIT = 8_000;

/**
 * Runs files in one mocha process and reads its `json-stream` reporter. A process that ends without having
 * reported counts as a failure of its own, with what it said.
 */
export function runMocha({ files, env, onFile }: MochaRun): Promise<GroupResult> {
  return new Promise((resolve, reject) => {
    const child = spawn('mocha', ['--reporter', 'json-stream', ...files], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const failures: TestFailure[] = [];
    let [passed, noise, ended] = [0, '', false];
    let current = { file: '', passed: 0, failed: 0, since: Date.now() };
    let latest = current.since; // a file's time includes its hooks: it starts when the last test before it has ended
    const keep = (text: string): void => void (noise = (noise + text).slice(-NOISE_LIMIT));
    const turnTo = (file: string): void => {
      if (file === current.file) return;
      const end = file === '' ? Date.now() : latest;
      if (current.file !== '') onFile(current.file, { ...current, ms: end - current.since });
      current = { file, passed: 0, failed: 0, since: latest };
    };
    createInterface({ input: child.stdout }).on('line', (line) => {
      const event = eventOf(line);
      if (event === null) {
        keep(`${line}\n`);
        return;
      }
      const [name, test] = event;
      if (name === 'end') ended = true;
      if (name !== 'pass' && name !== 'fail') return;
      turnTo(test.file ?? current.file);
      latest = Date.now();
      if (name === 'pass') {
        passed += 1;
        current.passed += 1;
      } else {
        current.failed += 1;
        failures.push({ title: test.fullTitle, file: test.file ?? '', text: test.stack ?? test.err ?? '' });
      }
    });
    child.stderr.setEncoding('utf8').on('data', keep);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      turnTo('');
      const how = signal === null ? `exit code ${String(code)}` : signal;
      if (!ended || (code !== 0 && failures.length === 0))
        failures.push({ title: `mocha ended by ${how}`, file: files.join(' '), text: noise });
      resolve({ passed, failures });
    });
  });
}

/** `null` for a line that a test has printed. */
function eventOf(line: string): [string, TestEvent] | null {
  if (!/^\["(?:start|pass|fail|end)",/.test(line)) return null;
  try {
    return JSON.parse(line) as [string, TestEvent];
  } catch {
    return null;
  }
}
