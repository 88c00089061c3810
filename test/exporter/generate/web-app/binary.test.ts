import { readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import type { Change } from '../../../../contracts/plan.ts';
import { contentOf } from '../../../../exporter/core/file-content.ts';
import { planStep } from '../../../../exporter/core/step.ts';
import { frontendStep } from '../../../../exporter/steps/frontend/index.ts';
import { carryOut, factsOf, portsOf, undoAll } from './ports.ts';
import { makeRepository, manifestOf, problems, smallTool, type Repository } from './repository.ts';

/** A picture of one pixel. Not UTF-8, and neither is the font below, which has every byte. */
const PICTURE_BASE64 =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
const PICTURE = Buffer.from(PICTURE_BASE64, 'base64');
const FONT = Buffer.from(Array.from({ length: 512 }, (_, i) => i % 256));
const TRANSLATION = '\ufeff{"grüezi": "日本"}\r\n';
const APP = 'apps/field-notes-web';

describe('binary files of a tool', () => {
  let repository: Repository;
  const manifest = manifestOf({});
  const inRoot = (file: string): string => path.join(repository.root, file);
  const put = (file: string, bytes: Buffer | string): void => {
    mkdirSync(path.dirname(inRoot(file)), { recursive: true });
    writeFileSync(inRoot(file), bytes);
  };
  const planOf = async (keepEdits = false): Promise<readonly Change[]> =>
    planStep(frontendStep, factsOf(manifest, await repository.facts(manifest, { keepEdits }))).filter(
      ({ kind }) => kind !== 'build-web-app',
    );

  beforeEach(async () => {
    repository = await makeRepository();
    await repository.write(smallTool());
    put('tools/field-notes/frontend/assets/dot.png', PICTURE);
    put('tools/field-notes/frontend/assets/font.woff2', FONT);
    put('tools/field-notes/frontend/assets/de.json', TRANSLATION);
  });
  afterEach(() => repository.remove());

  it('carries binary files byte for byte through a JSON plan', async () => {
    const plan = JSON.parse(JSON.stringify(await planOf())) as readonly Change[];
    await carryOut(plan, portsOf(repository.root));
    const carried = (file: string): Buffer => readFileSync(inRoot(`${APP}/src/app/assets/${file}`));
    expect(carried('dot.png').equals(PICTURE)).to.equal(true);
    expect(carried('font.woff2').equals(FONT)).to.equal(true);
    expect(carried('de.json').toString()).to.equal(TRANSLATION);
  });

  it('detects edited binary files, and restores them in a rollback', async () => {
    const ports = portsOf(repository.root);
    await carryOut(await planOf(), ports);
    expect(problems((await repository.facts(manifest)).findings)).to.deep.equal([]);
    const again = await planOf();
    await carryOut(again, ports);
    await undoAll(again, ports);
    expect(readFileSync(inRoot(`${APP}/src/app/assets/dot.png`)).equals(PICTURE)).to.equal(true);

    put(`${APP}/src/app/assets/dot.png`, Buffer.concat([PICTURE, PICTURE]));
    expect(problems((await repository.facts(manifest)).findings)).to.deep.equal([
      `output-edited ${APP}/src/app/assets/dot.png`,
    ]);
    const kept = await repository.facts(manifest, { keepEdits: true });
    expect(problems(kept.findings)).to.deep.equal([]);
    expect(kept.files['src/app/assets/dot.png']).to.equal(contentOf(Buffer.concat([PICTURE, PICTURE])));

    put('tools/field-notes/frontend/assets/dot.png', FONT);
    const [conflict] = (await repository.facts(manifest, { keepEdits: true })).findings;
    expect(conflict?.message).to.include('cannot be merged: it is binary');
  });
});
