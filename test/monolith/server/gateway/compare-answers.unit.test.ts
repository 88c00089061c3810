import { expect } from 'chai';
import { differenceOf, type Answer } from '../../../../monolith/server/gateway/compare-answers.ts';

const json = (body: string, more: Partial<Answer> = {}): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/json; charset=utf-8', date: new Date().toString() },
  body: Buffer.from(body),
  ...more,
});
const text = (body: string): Answer => ({
  status: 200,
  headers: { 'content-type': 'text/csv' },
  body: Buffer.from(body),
});

describe('comparing two answers', () => {
  it('finds none where status, body and the headers of the tool are the same', () => {
    expect(differenceOf(json('{"a":1}'), json('{"a":1}'))).to.equal(null);
    expect(differenceOf(json('{"a":1,"b":2}'), json('{"b":2, "a":1}'))).to.equal(null);
    expect(differenceOf(text('a;b'), text('a;b'))).to.equal(null);
  });

  it('names the status, a header, or the first place in the body', () => {
    const cases: [Answer, Answer, string][] = [
      [json('{}'), json('{}', { status: 500 }), 'status 200, and 500 of the service'],
      [
        json('1'),
        text('1'),
        'header content-type: application/json; charset=utf-8, and text/csv of the service',
      ],
      [
        json('{"a":[1,{"b":"x"}]}'),
        json('{"a":[1,{"b":"y"}]}'),
        'body at /a/1/b: "x", and "y" of the service',
      ],
      [json('{"a/b":1}'), json('{}'), 'body at /a~1b: 1, and nothing of the service'],
      [json('[1]'), json('[1,2]'), 'body at /1: nothing, and 2 of the service'],
      [json('{"0":1}'), json('[1]'), 'body: an object, and a list of the service'],
      [text('a;b'), text('a;c'), 'the bodies differ'],
      [json('{'), json('}'), 'the bodies differ'],
    ];
    for (const [monolith, service, words] of cases) expect(differenceOf(monolith, service)).to.equal(words);
  });

  it('compares numbers digit by digit', () => {
    const words = 'body at /n: 9007199254740993, and 9007199254740992 of the service';
    expect(differenceOf(json('{"n":9007199254740993}'), json('{"n":9007199254740992}'))).to.equal(words);
  });

  it('leaves out the fields that differ by nature, and a checksum of the whole', () => {
    const of = (at: string, name: string): Answer =>
      json(`{"data":[{"at":${at},"name":"${name}"}]}`, {
        headers: { 'content-type': 'application/json', etag: `"${at}"` },
      });
    expect(differenceOf(of('1', 'a'), of('2', 'a'), ['/data/*/at'])).to.equal(null);
    expect(differenceOf(of('1', 'a'), of('2', 'b'), ['/data/*/at'])).to.contain('/data/0/name');
    expect(differenceOf(of('1', 'a'), of('1', 'b'), ['/data/*', '/other'])).to.equal(null);
    expect(differenceOf(of('1', 'a'), of('2', 'a'), ['/data/at'])).to.contain('/data/0/at');
  });
});
