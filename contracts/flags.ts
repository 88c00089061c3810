import type { JobId, ToolId } from './ids.ts';

/** Types of the values of flags. */
export interface Types {
  readonly string: string;
  readonly boolean: boolean;
  readonly number: number;
  /** In milliseconds. */
  readonly duration: number;
  readonly 'tool-id': ToolId;
  readonly 'job-id': JobId;
}

/** How a flag is written. */
export interface FlagSyntax {
  readonly type: keyof Types;
  readonly short?: string;
}
export type Syntax = Readonly<Record<string, FlagSyntax>>;

/** A flag of a command. The parser, `--help`, usage errors and `gulp --tasks` read it. */
export interface Flag extends FlagSyntax {
  readonly text: string;
  /** Placeholder of the value, such as `URL`. Default: the values of `oneOf`, or a name of the type. */
  readonly value?: string;
  /** What holds without the flag, as a user would type it. Shown in the help; the command applies it. */
  readonly default?: string | number;
  /** The values that a string may have. */
  readonly oneOf?: readonly string[];
  /** Values that are reserved for a later version: refused by name, and never offered. */
  readonly reserved?: readonly string[];
  /** Numbers are whole, from 1 to this. */
  readonly max?: number;
  /** May be repeated. */
  readonly multiple?: boolean;
  readonly required?: boolean;
}

export type Flags = Readonly<Record<string, Flag>>;
