import { globSync, readFileSync } from 'node:fs';
import { expect } from 'chai';
import { ownerOfVariable, SHARED_VARIABLE } from '../../contracts/reserved-variables.ts';

const SOURCES = ['contracts/settings.ts', ...globSync('templates/service/src/**/*.ejs')];

/** `read('PORT')`, `env['PLATFORM_MODE']`, `port('WEB_PORT', 4200)` */
const NAMES =
  /\b(?:read|port|number|wholeNumber|oneOf|address|networks|databaseUrl)\(\s*'([A-Z][A-Z0-9_]+)'|env\['([A-Z][A-Z0-9_]+)'\]/g;

function namesIn(file: string): readonly string[] {
  const text = readFileSync(file, 'utf8');
  const read = [...text.matchAll(NAMES)].map(([, a, b]) => a ?? b ?? '');
  return [
    ...read,
    ...[...text.matchAll(/'(\w+_DATABASE_\w+|DATABASE_PASSWORD)'/g)].map(([, name = '']) => name),
  ];
}

describe('variables that no tool may declare', () => {
  it('reserves every variable that a host or the platform reads', () => {
    const names = new Set(SOURCES.flatMap(namesIn));
    expect([...names]).to.include.members([
      'PORT',
      'HOST',
      'DATABASE_URL',
      'MIGRATOR_DATABASE_URL',
      'OIDC_CLIENT_SECRET',
    ]);
    names.delete(SHARED_VARIABLE);
    expect([...names].filter((name) => ownerOfVariable(name) === null)).to.deep.equal([]);
  });

  it('reserves every variable that the compose entry sets for the host', () => {
    // The first is that of the database
    const [, ...environments] = readFileSync('templates/infra/compose-service.yml.ejs', 'utf8')
      .split(/^ {4}environment:$/m)
      .slice(1);
    const names = [...environments.join('').matchAll(/^ {6}([A-Z_]+):/gm)].map(([, name = '']) => name);
    expect(names).to.include('PORT').and.include('MIGRATOR_PASSWORD_FILE');
    expect(names.filter((name) => ownerOfVariable(name) === null)).to.deep.equal([SHARED_VARIABLE]);
  });
});
