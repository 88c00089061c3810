import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { syntaxProblems } from '../../templating/check-syntax.ts';
import { helpers } from '../../templating/helpers.ts';
import { render, renderText, TemplateError } from '../../templating/render.ts';

const errorOf = (work: () => unknown): TemplateError => {
  try {
    work();
  } catch (error) {
    if (error instanceof TemplateError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('the template renderer', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), 'templates-'));
    writeFileSync(path.join(root, 'package.json'), '{ "name": "generator-platform" }');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const put = (file: string, text: string): void => {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
  };

  it('prefers the override of the same path', () => {
    put('templates/a/x.ejs', 'ours <%= n %>');
    expect(render('a/x.ejs', { n: 1 }, { root })).to.equal('ours 1');
    put('templates.local/a/x.ejs', 'yours <%= n %>');
    expect(render('a/x.ejs', { n: 1 }, { root })).to.equal('yours 1');
  });

  it('lets a partial see the data of its parent and more, overrides included', () => {
    put('templates/part.ejs', '<%= a %><%= b %>');
    put('templates/x.ejs', "<%- include('part.ejs', { b: 2 }) %>");
    expect(render('x.ejs', { a: 1 }, { root })).to.equal('12');
    put('templates.local/part.ejs', 'mine');
    expect(render('x.ejs', { a: 1 }, { root })).to.equal('mine');
  });

  it('names file and line of an unknown variable, a hole, an object and a broken partial', () => {
    const at = (text: string, data = {}): string =>
      errorOf(() => renderText({ text, file: 'templates/x.ejs', data, root })).message;
    expect(at('a\n<%= nam %>')).to.match(/^templates\/x\.ejs:2: nam is not defined/);
    expect(at('a\n\n<%= x.y %>', { x: {} })).to.match(/^templates\/x\.ejs:3: .*undefined/);
    expect(at('<%= x %>', { x: {} })).to.match(/^templates\/x\.ejs:1: .*object/);
    put('templates/part.ejs', 'fine\n<%= gone %>');
    expect(at("\n<%- include('part.ejs') %>")).to.match(/^templates\/part\.ejs:2: gone is not defined/);
  });

  it('names the line of a syntax error and of a tag that is never closed', () => {
    put('templates/x.ejs', '');
    put('templates.local/x.ejs', 'a\n\n<% if (x { %>b<% } %>');
    const broken = errorOf(() => render('x.ejs', { x: 1 }, { root }));
    expect([broken.file, broken.line]).to.deep.equal(['templates.local/x.ejs', 3]);
    put('templates.local/x.ejs', 'a\n<%= x');
    expect(errorOf(() => render('x.ejs', { x: 1 }, { root })).message).to.contain(
      ':2: this tag is never closed',
    );
  });

  it('finds no template outside its folders', () => {
    put('secret.ejs', 'secret');
    expect(errorOf(() => render('../secret.ejs', {}, { root })).message).to.contain('no such template');
  });

  it('lists all broken templates and overrides that override nothing', () => {
    put('templates/ok.ejs', '<%= x %>');
    put('templates/bad.ejs', '\n<% if ( %>');
    put('templates.local/stray.ejs', 'x');
    const problems = syntaxProblems(root);
    expect(problems).to.have.length(2);
    expect(problems[0]).to.match(/^templates\/bad\.ejs:2: /);
    expect(problems[1]).to.match(/^templates\.local\/stray\.ejs:1: /);
  });
});

describe('template helpers', () => {
  it('escapers write what the language reads back as the same text', () => {
    const hostile = 'a\'b"c\\d`${x}\u2028\u202e</script>';
    expect(JSON.parse(helpers.json(hostile))).to.equal(hostile);
    expect(helpers.json(hostile)).to.not.match(/[\u2028\u202e]/);
    expect(helpers.sqlLiteral("'; DROP")).to.equal("'''; DROP'");
    expect(helpers.sqlLiteral("a\\'b")).to.equal("E'a\\\\''b'");
    expect(() => helpers.sqlLiteral('a\0')).to.throw(/NUL/);
  });

  it('quotes an SQL name only where SQL needs it', () => {
    expect(['item', 'user', 'Item', 'a"b'].map(helpers.sqlIdent)).to.deep.equal([
      'item',
      '"user"',
      '"Item"',
      '"a""b"',
    ]);
  });

  it('keeps a comment on its line and inside itself', () => {
    expect(helpers.comment('a */ b\n// c\u2028d')).to.equal('a * / b // c d');
    expect(helpers.md('*a* <b>\n[c](d)')).to.not.match(/[\n]|(^|[^\\])[*<[]/);
  });
});
