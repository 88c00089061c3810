import { chmodSync, cpSync, existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { execa, execaSync } from 'execa';
import helpers from 'yeoman-test';
import { FLAGS } from '../../generators/tool/flags.ts';
import ToolGenerator from '../../generators/tool/index.ts';
import {
  createTool,
  removeRepository,
  scratchRepository,
  SOURCE,
  treeOf,
} from './support/scratch-repository.ts';

// Types one answer to each question into a pseudo terminal, in order.
const TYPIST = `
import os, pty, select, sys, time
pid, fd = pty.fork()
if pid == 0:
    os.chdir(sys.argv[1]); os.execvp(sys.argv[2], sys.argv[2:])
steps = [(b'Tool name:', b'\\r'), (b'Description:', b'Watch deals\\r'), (b'Initial version:', b'\\r'), (b'Status:', b'\\x1b[B\\r'), (b'What does it keep?', b'\\r'), (b'What does each have?', b'\\r')]
seen, end = b'', time.time() + 100
while time.time() < end:
    if select.select([fd], [], [], 0.2)[0]:
        try: chunk = os.read(fd, 65536)
        except OSError: break
        if not chunk: break
        seen += chunk
    if steps and steps[0][0] in seen:
        time.sleep(0.4); os.write(fd, steps.pop(0)[1]); seen = b''
    sys.stdout.buffer.write(chunk if seen else b''); chunk = b''
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status) if not steps else 99)
`;

describe('entry points of the generator', function () {
  this.timeout(600_000);
  let root: string;

  beforeEach(() => {
    root = scratchRepository();
  });
  afterEach(() => removeRepository(root));

  it('creates the files of create-tool when yeoman-test answers the prompts', async () => {
    const answers = {
      ...{ name: 'Deals', description: 'Watch deals', version: '0.1.0', status: 'beta' },
      ...{ keeps: 'deals', fields: 'title (required), closes on (date)' },
    };
    const asked: string[] = [];
    await helpers
      .create(
        ToolGenerator as never,
        { resolved: path.join(SOURCE, 'generators/tool/index.ts'), namespace: 'platform:tool' },
        { cwd: root },
      )
      .withOptions({
        argv: ['deal-board', '--no-register'],
        interactive: true,
        report: { say: () => undefined, emit: () => undefined },
      } as never)
      .withAnswers(answers, {
        callback: (answer: unknown, { question }: { question: { name: string } }) => (
          asked.push(question.name),
          answer
        ),
      })
      .run();
    expect(asked).to.deep.equal(['name', 'description', 'version', 'status', 'keeps', 'fields']);
    const prompted = treeOf(root, 'tools/deal-board');
    removeRepository(path.join(root, 'tools/deal-board'));
    const flags = Object.entries({
      name: 'Deals',
      description: 'Watch deals',
      'tool-version': '0.1.0',
      status: 'beta',
    });
    const resource = '--resource=deal:title:string:required,closesOn:date';
    await createTool(root, [
      ...['deal-board', '--no-register', resource],
      ...flags.map(([k, v]) => `--${k}=${v}`),
    ]);
    expect(prompted).to.deep.equal(treeOf(root, 'tools/deal-board'));
  });

  it('asks six questions and creates the tool with yo on a pseudo terminal', async () => {
    const python = execaSync('python3', ['--version'], { reject: false });
    expect(python.exitCode, 'python3 types for us').to.equal(0);
    giveTo(root, 1000);
    linkPackages(root);
    const typist = path.join(root, 'typist.py');
    writeFileSync(typist, TYPIST);
    const yo = path.join(SOURCE, 'node_modules/yo/lib/cli.js');
    const { exitCode, stdout } = await execa(
      'python3',
      [typist, root, process.execPath, yo, 'platform:tool', 'deal-board', '--no-register'],
      { reject: false, env: { HOME: root, NO_UPDATE_NOTIFIER: '1' }, ...asUser(1000) },
    );
    expect(exitCode, stdout).to.equal(0);
    const tree = treeOf(root, 'tools/deal-board');
    expect(JSON.parse(tree['manifest.json'] ?? '{}')).to.include({
      name: 'Deal Board',
      description: 'Watch deals',
      version: '0.1.0',
      status: 'beta',
    });
    expect(statSync(path.join(root, 'tools/deal-board/manifest.json')).uid).to.equal(
      isRoot() ? 1000 : process.getuid?.(),
    );
  });

  it('explains every flag with create-tool --help, and the same with yo', async () => {
    linkPackages(root);
    const help = await createTool(root, ['--help']);
    expect([help.exitCode, help.stderr]).to.deep.equal([0, '']);
    for (const flag of Object.keys(FLAGS)) expect(help.stdout).to.contain(`\n  --${flag}`);
    expect(help.stdout)
      .to.contain('--status=alpha|beta|active|deprecated')
      .and.to.contain('\n  npx create-tool task-manager --yes\n')
      .and.to.contain('Exit codes: 0 done');
    const yo = path.join(SOURCE, 'node_modules/yo/lib/cli.js');
    const { stdout } = await execa(process.execPath, [yo, 'platform:tool', '--help'], {
      cwd: root,
      stdin: 'ignore',
      env: { NO_UPDATE_NOTIFIER: '1' },
    });
    expect(stdout).to.contain(help.stdout.trim());
    expect(treeOf(root, 'tools')).to.deep.equal({});
  });

  it('explains in one line what to run instead of yo as root', async () => {
    linkPackages(root);
    // An ordinary user has no privileges to drop; a read-only folder shows the same behaviour.
    chmodSync(path.join(root, 'tools'), 0o555);
    const yo = path.join(SOURCE, 'node_modules/yo/lib/cli.js');
    const { exitCode, stderr } = await execa(
      process.execPath,
      [yo, 'platform:tool', 'crm', '--yes', '--no-register'],
      {
        cwd: root,
        reject: false,
        stdin: 'ignore',
        env: { NO_UPDATE_NOTIFIER: '1' },
      },
    );
    expect(exitCode).to.equal(3);
    expect(stderr).to.contain('Run instead: npx create-tool crm --yes --no-register');
    expect(existsSync(path.join(root, 'tools/crm'))).to.equal(false);
  });
});

const isRoot = (): boolean => process.getuid?.() === 0;
const asUser = (uid: number): object => (isRoot() ? { uid, gid: uid } : {});

function giveTo(root: string, uid: number): void {
  if (isRoot()) execaSync('chown', ['-R', `${uid}:${uid}`, root]);
}

/** `yo` looks for `generator-platform` in the node_modules of its working directory. */
function linkPackages(root: string): void {
  execaSync('mkdir', [path.join(root, 'node_modules')]);
  execaSync('ln', ['-s', SOURCE, path.join(root, 'node_modules/generator-platform')]);
  expect(readdirSync(path.join(root, 'node_modules'))).to.deep.equal(['generator-platform']);
  cpSync(path.join(SOURCE, '.prettierrc.json'), path.join(root, '.prettierrc.json'));
}
