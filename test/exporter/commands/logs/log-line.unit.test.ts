import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import {
  asJson,
  asText,
  parseLine,
  passes,
  type LineFilter,
} from '../../../../exporter/commands/logs/log-line.ts';

const AT = Date.UTC(2026, 2, 3, 14, 3, 7, 120);
const line = (fields: object | string, lastTime: number | null = null) =>
  parseLine(typeof fields === 'string' ? fields : JSON.stringify(fields), {
    instance: 'crm-api-2',
    lastTime,
  });
const request = line({
  level: 40,
  time: AT,
  req: { id: 'r-1', method: 'GET', url: '/api/crm/items' },
  res: { statusCode: 503 },
  responseTime: 12.4,
  msg: 'request completed',
});
const ALL: LineFilter = { since: null, level: null, requestId: null };
const text = (of: ReturnType<typeof line>, showInstance = false): string =>
  stripVTControlCharacters(asText(of, { showInstance }));

describe('a line of a service log', () => {
  it('shows time, level, message, request and instance of a logged request', () => {
    expect(text(request, true)).to.equal(
      '14:03:07.120 WARN  request completed  GET /api/crm/items 503 12 ms  request r-1  [crm-api-2]',
    );
    expect(text(line({ level: 30, time: AT, msg: 'stopping' }))).to.equal('14:03:07.120 INFO  stopping');
  });

  it('shows the stack of an error below its message', () => {
    const err = { type: 'Error', message: 'no', stack: 'Error: no\n    at a.ts:1' };
    expect(text(line({ level: 50, time: AT, requestId: 'r-2', err, msg: 'failed' }))).to.equal(
      '14:03:07.120 ERROR failed  request r-2\n    Error: no\n        at a.ts:1',
    );
  });

  it('counts output that is no JSON as an error at the time of the line before it', () => {
    const crash = line('TypeError: x is not a function', AT);
    expect(crash).to.include({ level: 50, time: AT, requestId: null });
    expect(text(crash)).to.equal('14:03:07.120 ERROR TypeError: x is not a function');
    expect(text(line('{"half'))).to.equal('--:--:--.--- ERROR {"half');
    expect(JSON.parse(asJson(crash))).to.deep.equal({
      instance: 'crm-api-2',
      level: 50,
      time: AT,
      msg: 'TypeError: x is not a function',
    });
  });

  it('passes no escape sequence or line break of a message to the terminal', () => {
    const hostile = line({
      level: 30,
      time: AT,
      msg: 'a\u001b[2Jb\nc\u0007',
      req: { id: 'x\ny', method: 'GET', url: '/\u001b]0;t\u0007' },
    });
    expect(text(hostile)).to.match(/^14:03:07\.120 INFO {2}ab c {3}GET \/\S* {2}request x y$/);
    expect(asText(hostile, { showInstance: false })).to.not.match(/[\u0007\n]|\u001b\]/); // eslint-disable-line no-control-regex -- looks for them
  });

  for (const [title, filter, passed] of [
    ['without a filter', ALL, true],
    ['of the level or above', { ...ALL, level: 'warn' }, true],
    ['below the level', { ...ALL, level: 'error' }, false],
    ['of the request', { ...ALL, requestId: 'r-1' }, true],
    ['of another request', { ...ALL, requestId: 'r-10' }, false],
    ['at the beginning of the time', { ...ALL, since: AT }, true],
    ['before the time', { ...ALL, since: AT + 1 }, false],
  ] as const)
    it(`${passed ? 'shows' : 'hides'} a line ${title}`, () => {
      expect(passes(request, filter)).to.equal(passed);
    });

  it('keeps every field of the line in JSON, and adds the instance', () => {
    expect(JSON.parse(asJson(request))).to.deep.include({
      instance: 'crm-api-2',
      responseTime: 12.4,
      level: 40,
    });
  });
});
