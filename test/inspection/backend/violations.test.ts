import { expect } from 'chai';
import { inspect, TOOL } from './planted-tool.ts';
import { INDIRECT_VIOLATIONS } from './indirect-violations.ts';
import { UNUSUAL_VIOLATIONS } from './unusual-violations.ts';
import { SQL_VIOLATIONS } from './sql-violations.ts';
import { VIOLATIONS, type Violation } from './violations.ts';

/** Findings whose place is not in the planted file. */
const ELSEWHERE: Readonly<Record<string, { file: string; line: number }>> = {
  'another tool behind shared code': { file: 'shared/bridge.ts', line: 3 },
  'an endpoint that no route serves': { file: `${TOOL}/manifest.json`, line: 17 },
  'a route that the manifest does not list': { file: `${TOOL}/backend/routes/more.ts`, line: 5 },
  'an undeclared table behind a constant of another file': {
    file: `${TOOL}/backend/services/planted.ts`,
    line: 5,
  },
};

const lineOf = ({ text, at }: Violation): number => text.slice(0, text.indexOf(at)).split('\n').length;

describe('backend code that cannot be exported', () => {
  for (const violation of [...VIOLATIONS, ...SQL_VIOLATIONS, ...UNUSUAL_VIOLATIONS, ...INDIRECT_VIOLATIONS])
    it(`is refused: ${violation.what}`, async () => {
      const { file, text, also, manifest, code } = violation;
      const findings = await inspect({ [`${TOOL}/${file}`]: text, ...also }, manifest);
      const place = ELSEWHERE[violation.what] ?? { file: `${TOOL}/${file}`, line: lineOf(violation) };
      expect(findings.map((f) => ({ code: f.code, file: f.file, line: f.line }))).to.deep.equal([
        { code, ...place },
      ]);
      expect(findings[0]?.remedy).not.to.equal('');
    });

  it('refuses reading a variable of the host, with a name to declare instead', async () => {
    const [finding] = await inspect({
      [`${TOOL}/backend/port.ts`]: 'export const port = process.env.PORT;\n',
    });
    expect(finding?.message).to.include("PORT is a variable of a tool's host");
    expect(finding?.remedy).to.include('"name": "DEMO_PORT"');
  });

  it('refuses a backend with all its findings at once', async () => {
    const [first, second] = VIOLATIONS.filter(({ code }) => code === 'code-foreign-tool');
    const findings = await inspect({
      [`${TOOL}/backend/a.ts`]: first?.text ?? '',
      [`${TOOL}/backend/b.ts`]: second?.text ?? '',
      [`${TOOL}/backend/c.ts`]: 'export const key = process.env.API_KEY;\n',
    });
    expect(findings.map((f) => f.file)).to.deep.equal([
      `${TOOL}/backend/a.ts`,
      `${TOOL}/backend/b.ts`,
      `${TOOL}/backend/c.ts`,
    ]);
  });
});
