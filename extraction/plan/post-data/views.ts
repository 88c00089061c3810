import { createObject, type Assembly } from '../assembly.ts';
import { relationKey } from '../closure/graph.ts';
import type { CreateStatement } from '../create-statements.ts';
import { setDefault } from '../ddl/tables.ts';
import { replaceView } from '../ddl/views.ts';
import type { Statement } from '../plan.ts';
import { statement } from '../statement.ts';
import { createViewIndexes } from './indexes.ts';

/** Objects that no table needs: views, and what only views, triggers, rules and policies need. */
export function createLateObjects(assembly: Assembly): Statement[] {
  const late = lateObjects(assembly);
  return [
    ...late.flatMap((item) => createObject(assembly, item)),
    ...replaceShells(assembly),
    ...fillViews(assembly, late),
    ...setViewDefaults(assembly),
  ];
}

const lateObjects = ({ order, objects, early }: Assembly): CreateStatement[] =>
  order.flatMap((key) => (early.has(key) ? [] : (objects.get(key) ?? [])));

const replaceShells = ({ catalog, shells }: Assembly): Statement[] =>
  catalog.relations
    .filter((relation) => shells.has(relationKey(relation.oid)))
    .map((view) => statement(`REPLACE VIEW ${view.name}`, replaceView(view)));

function fillViews(assembly: Assembly, late: readonly CreateStatement[]): Statement[] {
  const views = new Map(assembly.boundary.views.map((view) => [relationKey(view.oid), view]));
  return late.flatMap(({ key }) => {
    const view = views.get(key);
    if (view?.kind !== 'm') return [];
    const refresh = statement(`REFRESH ${view.name}`, `REFRESH MATERIALIZED VIEW ${view.name}`);
    return [...(view.populated ? [refresh] : []), ...createViewIndexes(assembly, view)];
  });
}

const setViewDefaults = ({ boundary }: Assembly): Statement[] =>
  boundary.views.flatMap((view) =>
    view.columns
      .filter((column) => column.expression !== null)
      .map((column) => statement(`DEFAULT ${view.name}.${column.name}`, setDefault(view, column))),
  );
