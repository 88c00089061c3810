import type { FunctionObject } from '../../catalog/catalog.ts';

export function createFunction(fn: FunctionObject): string {
  if (fn.aggregate !== null) return fn.aggregate;
  // REPLACE could overwrite an existing function; the target check refuses those
  return (fn.definition ?? '').replace(/^CREATE OR REPLACE /, 'CREATE ').trimEnd();
}

export function functionWord(fn: FunctionObject): 'FUNCTION' | 'PROCEDURE' | 'AGGREGATE' {
  return fn.kind === 'p' ? 'PROCEDURE' : fn.kind === 'a' ? 'AGGREGATE' : 'FUNCTION';
}
