import { expect } from 'chai';
import { removeCode, whyNotRemoved } from '../../../../exporter/steps/completion/operations/remove-code.ts';

const FOLDER = 'tools/crm';

/** Ports of a repository: changed and ignored files, and those that are still there. */
function repository(state: {
  readonly commit?: string | null;
  readonly dirty?: readonly string[];
  readonly ignored?: readonly string[];
  readonly gone?: readonly string[];
}) {
  const removed: string[] = [];
  const { commit = 'abc', dirty = [], ignored = [], gone = [] } = state;
  const ports = {
    git: { state: () => Promise.resolve({ commit, dirty }) },
    files: {
      exists: (file: string) => Promise.resolve(!gone.includes(file)),
      ignored: () => Promise.resolve(ignored),
      removeTree: (folder: string) => Promise.resolve(void removed.push(folder)),
    },
  };
  return { removed, ports };
}

describe("the removal of a tool's code", () => {
  it('is refused for changed, untracked and ignored files, and names each of them', async () => {
    const { ports } = repository({
      dirty: ['tools/crm/manifest.json', 'tools/crm-two/a.ts', 'apps/crm-api/a.ts'],
      ignored: ['tools/crm/.env', 'node_modules/'],
    });
    const problem = await whyNotRemoved(FOLDER, ports);
    expect(problem).to.include({ code: 'git-dirty' });
    expect(problem!.message).to.contain('not committed: tools/crm/manifest.json, tools/crm/.env.');
  });

  it('is refused when git ignores the folder itself or one above it', async () => {
    for (const ignored of [['tools/'], ['tools/crm/']])
      expect(await whyNotRemoved(FOLDER, repository({ ignored }).ports)).to.include({ code: 'git-dirty' });
  });

  it('is refused without a commit', async () => {
    expect(await whyNotRemoved(FOLDER, repository({ commit: null }).ports)).to.include({
      code: 'git-missing',
    });
  });

  it('continues after a killed run, whose removed files git reports as changed', async () => {
    const { ports, removed } = repository({ dirty: ['tools/crm/a.ts'], gone: ['tools/crm/a.ts'] });
    const [change] = removeCode.plan({
      removeCode: true,
      codeThere: true,
      names: { toolFolder: FOLDER },
    } as never);
    await removeCode.run(change!, ports as never);
    expect(removed).to.deep.equal([FOLDER]);
  });

  it('removes nothing that was edited after the plan was made', async () => {
    const { ports, removed } = repository({ dirty: ['tools/crm/a.ts'] });
    const [change] = removeCode.plan({
      removeCode: true,
      codeThere: true,
      names: { toolFolder: FOLDER },
    } as never);
    const error = await removeCode.run(change!, ports as never).catch((reason: unknown) => reason);
    expect(error).to.include({ code: 'git-dirty' });
    expect(removed).to.deep.equal([]);
  });
});
