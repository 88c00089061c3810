import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { openLab, readJson, type Lab } from '../support/lab.ts';

/** The shell blocks below a heading of the README, line by line, without comments. */
async function commandsBelow(heading: string): Promise<readonly (readonly string[])[]> {
  const text = await readFile('README.md', 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(/```bash\n(.*?)```/gs)].map(([, block = '']) =>
    block
      .split('\n')
      .map((line) => line.replace(/\s#\s.*$/, '').trim())
      .filter((line) => line !== ''),
  );
}

describe('the README', function () {
  this.timeout(600_000);
  let lab: Lab;
  let platform: ChildProcess;

  before(async () => {
    // No engine: the five minutes need Node and git, nothing else
    lab = await openLab({ start: false, env: { DOCKER_HOST: 'unix:///nowhere/docker.sock' } });
  });
  after(() => lab.close());

  it('runs every command of the README in order and ends with a clean tree', async () => {
    const [start = [], story = []] = await commandsBelow('Start');
    // A workspace is made in test/e2e/workspace-browser.test.ts; this clone is one
    expect(start.at(-1)).to.equal('npm start');
    expect(story).to.have.length.greaterThan(7);

    platform = spawn('bash', ['-c', 'exec npm start'], { cwd: lab.root, env: lab.env, stdio: 'ignore' });
    await answering(`${lab.platformUrl}/readyz`);

    for (const line of story) {
      const command = line
        .replace('http://localhost:3000', lab.platformUrl)
        .replace('http://localhost:8080', lab.gatewayUrl);
      const { code, stdout, stderr } = await lab.run('bash', '-c', command);
      expect(code, `${line}\n${stdout}\n${stderr}`).to.equal(0);
      if (line.startsWith('curl ')) expect(Object.keys(JSON.parse(stdout) as object)).to.include('data');
    }
    const { stdout } = await lab.run('git', 'status', '--porcelain');
    expect(stdout).to.equal('');

    // ends npm as its caller would; its child processes must end with it
    platform.kill('SIGTERM');
    while (await answers(`${lab.platformUrl}/livez`)) await delay(100);
  });

  it('names only existing tasks, commands and variables in the README', async () => {
    const readme = await readFile('README.md', 'utf8');
    const { scripts, bin } = await readJson<{ scripts: Record<string, string>; bin: Record<string, string> }>(
      'package.json',
    );
    const { stdout } = await lab.run('gulp', '--silent', '--tasks-simple');
    const named = (pattern: RegExp): string[] => [
      ...new Set([...readme.matchAll(pattern)].map(([, name = '']) => name)),
    ];
    expect(stdout.trim().split('\n')).to.include.members(named(/npx gulp ([a-z:]+)/g));
    expect(Object.keys(scripts)).to.include.members(named(/npm run ([\w:-]+)/g));
    expect([...Object.keys(bin), 'gulp', 'yo', 'plop']).to.include.members(named(/npx ([a-z-]+)/g));

    const settings = await readFile('contracts/settings.ts', 'utf8');
    const variables = named(/`([A-Z]+(?:_[A-Z]+)+)`/g);
    expect(variables).to.include('DATABASE_URL');
    // the variable of the exported services and of their tests is not the platform's
    for (const name of variables.filter((name) => name !== 'TEST_DATABASE_URL'))
      expect(settings, `contracts/settings.ts knows ${name}`).to.contain(name);
  });
});

async function answering(url: string): Promise<void> {
  while (!(await answers(url))) await delay(200);
}

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    (answer) => answer.ok,
    () => false,
  );
