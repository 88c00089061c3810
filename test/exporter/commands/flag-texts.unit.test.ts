import { globSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import type { Flags } from '../../../contracts/flags.ts';

const COMMANDS = path.resolve(import.meta.dirname, '../../../exporter/commands');

describe('the texts of flags', () => {
  it('leave out what the help adds itself: that a flag is required, and its default', async () => {
    const texts: string[] = [];
    for (const file of globSync('*/*-flags.ts', { cwd: COMMANDS })) {
      const module = (await import(path.join(COMMANDS, file))) as Readonly<Record<string, unknown>>;
      for (const [name, flags] of Object.entries(module))
        if (name.endsWith('_FLAGS'))
          texts.push(
            ...Object.entries(flags as Flags).map(([flag, { text }]) => `${name} --${flag}: ${text}`),
          );
    }
    expect(texts.length).to.be.greaterThan(30);
    expect(texts.filter((text) => /\((required|default)\b/.test(text))).to.deep.equal([]);
  });
});
