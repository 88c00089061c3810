/** Where a generator says what it did. The command line prints it, tests and the dashboard collect it. */
export interface Report {
  /** A line for the reader. */
  readonly say: (line: string) => void;
  /** Text for the next program, such as a diff, byte for byte. */
  readonly emit: (text: string) => void;
}

/** Speaks to the terminal. */
export const terminalReport: Report = {
  say: (line) => void process.stdout.write(`${line}\n`),
  emit: (text) => void process.stdout.write(text),
};

/** Says nothing; for callers that only want the result. */
export const silentReport: Report = { say: () => undefined, emit: () => undefined };
