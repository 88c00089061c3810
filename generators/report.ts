/** Output of a generator: printed by the command line, collected by tests and the dashboard. */
export interface Report {
  /** A line of text. */
  readonly say: (line: string) => void;
  /** Exact output for another program, such as a diff. */
  readonly emit: (text: string) => void;
}

/** Prints to the terminal. */
export const terminalReport: Report = {
  say: (line) => void process.stdout.write(`${line}\n`),
  emit: (text) => void process.stdout.write(text),
};
