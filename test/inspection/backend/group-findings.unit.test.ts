import { expect } from 'chai';
import { parseToolId } from '../../../contracts/ids.ts';
import { namesOf } from '../../../contracts/naming.ts';
import type { Finding } from '../../../contracts/plan.ts';
import { groupFindings } from '../../../inspection/backend/group-findings.ts';
import type { ImportGraph } from '../../../inspection/source/import-graph.ts';

const names = namesOf(parseToolId('crm'));
const graph = {
  edges: [
    { file: 'tools/crm/backend/index.ts', line: 3, target: { kind: 'file', path: 'shared/settings.ts' } },
  ],
} as unknown as ImportGraph;

const findings = (file: string, count: number): Finding[] =>
  Array.from({ length: count }, (_, i) => ({
    code: 'code-undeclared-env',
    severity: 'error',
    step: 'backend',
    file,
    line: i + 1,
    message: `V${i} is not declared.`,
    remedy: 'Declare it.',
  }));

describe('many findings of one import', () => {
  it('reports many findings of one import as one that names the import', () => {
    const [first, ...others] = groupFindings(findings('shared/settings.ts', 78), { names, graph });
    expect(others).to.deep.equal([]);
    expect(first?.message).to.equal(
      'V0 is not declared. The file, which tools/crm/backend/index.ts:3 imports, has 77 more findings of this kind.',
    );
    expect(first?.remedy).to.match(/^Import a smaller file/);
  });

  it('lists findings one by one when they are few, or in the tool itself', () => {
    expect(groupFindings(findings('shared/settings.ts', 3), { names, graph })).to.have.length(3);
    expect(groupFindings(findings('tools/crm/backend/a.ts', 78), { names, graph })).to.have.length(78);
  });
});
