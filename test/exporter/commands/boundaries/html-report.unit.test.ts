import { expect } from 'chai';
import { htmlReport } from '../../../../exporter/commands/boundaries/html-report.ts';
import { boundariesOf } from '../../../inspection/boundaries/planted-source.ts';

describe('the page of gulp boundaries', () => {
  it('loads nothing, and shows modules, tables and places', async () => {
    const found = await boundariesOf({
      'a/index.js': "import '../b/index.js';\ndb.query('SELECT 1 FROM b_rows');",
      'b/index.js': 'export const b = 1;',
    });
    const page = htmlReport(found, 'shop');
    expect(page).to.not.match(/<(script|link|img|iframe)\b|https?:|url\(|@import/i);
    expect(page).to.include("default-src 'none'");
    expect(page).to.include('<th scope="row">b_rows</th>').and.include('a/index.js:2');
    expect(page).to.include('prefers-color-scheme: dark');
    expect(page.match(/<caption>/g)).to.have.length(4);
  });

  it('escapes names of files, tables and of the source', async () => {
    const found = await boundariesOf({
      'a/<img src=x onerror=alert(1)>.js': `db.query('SELECT 1 FROM "b_<script>"');`,
      'b/index.js': 'export const b = 1;',
    });
    const page = htmlReport(found, '"><script>alert(1)</script>');
    expect(page).to.not.match(/<img|<script/);
    expect(page).to.include('b_&#60;script&#62;');
  });
});
