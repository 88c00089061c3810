import { readdir, readFile, writeFile } from 'node:fs/promises';
import type { Catalog, Oid } from '../../../extraction/catalog/catalog.ts';
import { readCatalog } from '../../../extraction/catalog/index.ts';
import { openSession } from '../../../extraction/run/session.ts';
import { findInstallation, query, startInstalled } from './server.ts';

/** Loads each `fixtures/*.sql` into an installed PostgreSQL and writes its catalog beside it, for tests without a server. */
const folder = new URL('../fixtures/', import.meta.url);
const bin = await findInstallation();
if (bin === null) throw new Error('needs an installed PostgreSQL (Debian: postgresql-15)');
const server = await startInstalled(bin);
try {
  for (const file of (await readdir(folder)).filter((name) => name.endsWith('.sql'))) {
    const url = await server.createDatabase();
    await query(url, await readFile(new URL(file, folder), 'utf8'));
    const session = await openSession({ url });
    const catalog = await readCatalog(session, ['public']);
    await session.end();
    const text = JSON.stringify(relevant(catalog), null, 1);
    await writeFile(new URL(file.replace(/sql$/, 'json'), folder), `${text}\n`);
  }
} finally {
  await server.stop();
}

/** Without the types of the system that no column has. */
function relevant(catalog: Catalog): Catalog {
  const columns = catalog.relations.flatMap((relation) => relation.columns.map((column) => column.typeOid));
  const used = new Set<Oid>(columns);
  const isUser = ({ oid }: { oid: Oid }): boolean => Number(oid) >= 16_384;
  for (const type of catalog.types)
    if (isUser(type) || used.has(type.oid))
      for (const oid of [type.oid, type.baseType, type.elementOf]) if (oid !== null) used.add(oid);
  return { ...catalog, types: catalog.types.filter((type) => used.has(type.oid)) };
}
