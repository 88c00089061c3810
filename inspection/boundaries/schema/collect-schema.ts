import type { Access, Place, Relation, Schema, SchemaLink } from '../types.ts';
import type { DdlEvent } from './read-ddl.ts';

interface Trigger {
  readonly name: string;
  readonly table: string;
  readonly calls: string;
  readonly place: Place | null;
}

export interface SchemaBuilder {
  /** Applies a change; `file` is `null` for those that the database reports. */
  add(event: DdlEvent, file: string | null): void;
  build(): Schema;
}

/** Applies changes of the schema in the order of the migrations, so that what was dropped is not reported. */
export function createSchemaBuilder(): SchemaBuilder {
  const relations = new Map<string, Relation>();
  const links = new Map<string, SchemaLink>();
  const functions = new Map<string, readonly { table: string; access: Access }[]>();
  const triggers = new Map<string, Trigger>();
  const dropLinks = (isDropped: (link: SchemaLink) => boolean): void => {
    for (const [key, link] of links) if (isDropped(link)) links.delete(key);
  };
  return {
    add(event, file) {
      const placeAt = (line: number): Place | null => (file === null ? null : { file, line });
      switch (event.kind) {
        case 'table':
          if (!relations.has(event.name))
            relations.set(event.name, { kind: 'table', place: placeAt(event.line) });
          break;
        case 'view': {
          relations.set(event.name, { kind: 'view', place: placeAt(event.line) });
          dropLinks(({ kind, from }) => kind === 'view' && from === event.name);
          for (const to of event.reads)
            addLink(links, {
              kind: 'view',
              name: event.name,
              from: event.name,
              to,
              access: 'read',
              place: placeAt(event.line),
            });
          break;
        }
        case 'foreign-key':
          addLink(links, {
            ...{ kind: 'foreign-key', name: event.name, from: event.from, to: event.to },
            access: 'read',
            place: placeAt(event.line),
          });
          break;
        case 'function':
          functions.set(event.name, event.uses);
          break;
        case 'trigger': {
          const key = `${event.table}.${event.name}`;
          if (!triggers.has(key)) triggers.set(key, { ...event, place: placeAt(event.line) });
          break;
        }
        case 'drop':
          if (event.what === 'relation') {
            relations.delete(event.name);
            dropLinks(({ from, to }) => from === event.name || to === event.name);
          }
          if (event.what === 'function') functions.delete(event.name);
          for (const [key, { name, table }] of triggers)
            if (event.what === 'trigger' ? name === event.name : table === event.name) triggers.delete(key);
          break;
        case 'drop-constraint':
          dropLinks(({ from, name }) => from === event.table && name === event.name);
          break;
        case 'rename':
          rename({ relations, links, triggers }, event.from, event.to);
          break;
      }
    },
    build() {
      const all = new Map(links);
      for (const { name, table, calls, place } of triggers.values())
        for (const { table: to, access } of functions.get(calls) ?? [])
          if (to !== table) addLink(all, { kind: 'trigger', name, from: table, to, access, place });
      return { relations, links: [...all.values()], functions };
    },
  };
}

/** The first place of a link is kept, and writing counts more than reading. */
function addLink(links: Map<string, SchemaLink>, link: SchemaLink): void {
  const key = JSON.stringify([link.kind, link.name, link.from, link.to]);
  const known = links.get(key);
  if (known === undefined) links.set(key, link);
  else if (link.access === 'write') links.set(key, { ...known, access: 'write' });
}

function rename(
  parts: {
    readonly relations: Map<string, Relation>;
    readonly links: Map<string, SchemaLink>;
    readonly triggers: Map<string, Trigger>;
  },
  from: string,
  to: string,
): void {
  const { relations, links, triggers } = parts;
  const known = relations.get(from);
  if (known === undefined) return;
  relations.delete(from);
  relations.set(to, known);
  const renamed = (table: string): string => (table === from ? to : table);
  const before = [...links.values()];
  links.clear();
  for (const link of before) addLink(links, { ...link, from: renamed(link.from), to: renamed(link.to) });
  for (const [key, trigger] of triggers) triggers.set(key, { ...trigger, table: renamed(trigger.table) });
}
