import { expect } from 'chai';
import { nextSteps } from '../../generators/tool/next-steps.ts';

describe('the next steps after a scaffold', () => {
  const platformUrl = 'http://127.0.0.1:3000';

  it('open the tool in a platform that answers', () => {
    const steps = nextSteps({ id: 'crm', platformUrl, registered: true });
    expect(steps).to.contain('Open http://127.0.0.1:3000/tools/crm').and.not.to.contain('npm start');
  });

  it('register a tool that was not registered before they open it', () => {
    expect(nextSteps({ id: 'crm', platformUrl, registered: false })).to.match(
      /npx gulp register --tool-id=crm\n {3}Open /,
    );
  });

  it('start a platform where none answers', () => {
    const steps = nextSteps({ id: 'crm', platformUrl: null, registered: false });
    expect(steps).to.contain('npm start').and.not.to.contain('Open');
  });
});
