import { expect } from 'chai';
import { safeUrl } from '../../contracts/host/safe-url.ts';
import { withoutPaths } from '../../contracts/host/without-paths.ts';

describe('texts for callers', () => {
  for (const [text, shown] of [
    [
      "ENOENT: no such file or directory, stat '/home/ann/my app/x.pdf'",
      "ENOENT: no such file or directory, stat 'x.pdf'",
    ],
    ["EACCES: permission denied, open '/shadow'", "EACCES: permission denied, open 'shadow'"],
    ['Cannot find module "file:///srv/app/dist/a.js"', 'Cannot find module "a.js"'],
    ['at load (file:///srv/app/dist/a.ts:3:7)', 'at load (a.ts:3:7)'],
    ['in /var/lib/app/data.json, line 7', 'in data.json, line 7'],
    ["open 'C:\\Users\\ann\\data.json'", "open 'data.json'"],
    ['Failed to look up the view in "/srv/app/views/"', 'Failed to look up the view in ""'],
  ] as const)
    it(`reduces the paths of ${JSON.stringify(text)} to file names`, () => {
      expect(withoutPaths(text)).to.equal(shown);
    });

  for (const text of [
    'The body is not JSON: Unexpected token / in JSON at position 3',
    'http://localhost:3000/api/tools does not answer',
    'Use 1/2 or and/or.',
    'tools/crm/manifest.json /id: is required',
    '',
  ])
    it(`leaves ${JSON.stringify(text)} as it is`, () => {
      expect(withoutPaths(text)).to.equal(text);
    });

  it('redacts credentials in addresses', () => {
    expect(safeUrl('/x?a=1&access_token=s&code=t&Id_Token=u&key=v#f')).to.equal(
      '/x?a=1&access_token=[Redacted]&code=[Redacted]&Id_Token=[Redacted]&key=[Redacted]#f',
    );
  });
});
