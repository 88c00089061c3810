import { duration } from '../core/reporter.ts';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** Milliseconds between two frames of the spinner. */
export const FRAME_MS = 100;

/** The last line of a terminal while a step runs, cut to its width so that it can be erased. */
export function activityLine(input: {
  readonly text: string;
  /** What the step reports of its progress; `null` when nothing. */
  readonly detail: string | null;
  readonly elapsedMs: number;
  readonly columns: number;
}): string {
  const { text, detail, elapsedMs, columns } = input;
  const frame = FRAMES[Math.floor(elapsedMs / FRAME_MS) % FRAMES.length] ?? '';
  return `  ${frame} ${duration(elapsedMs)}  ${detail ?? text}`.slice(0, columns - 1);
}
