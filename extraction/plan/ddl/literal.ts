import pg from 'pg';

/** A text literal for statements that take no parameters, such as COMMENT and CREATE TYPE … AS ENUM. */
export const literal = (text: string): string => pg.escapeLiteral(text);
