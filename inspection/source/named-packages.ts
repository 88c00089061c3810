import { Node, SyntaxKind, type CallExpression, type PropertyAssignment, type SourceFile } from 'ts-morph';
import { bare, constantOf, lastName } from './definition.ts';
import { knownText } from './evaluate.ts';
import { packagesOf, type ImportEdge, type ImportGraph } from './import-graph.ts';
import { packageName } from './resolve-import.ts';
import { nodesOfKind } from './nodes.ts';

/** A package that another package loads by a text in the code. */
interface NamedPackage {
  readonly node: Node;
  /** The package, with a path in it where the text has one. */
  readonly specifier: string;
  /** What loads it, for messages. */
  readonly loader: string;
}

/** An option whose value selects packages. */
interface Option {
  /** Packages that read the option. It counts only in a tool that imports one of them. */
  readonly reader: RegExp;
  readonly name: string;
  readonly loader: string;
  /** By value: packages of which the first that the lock holds is loaded. */
  readonly packages: Readonly<Record<string, readonly string[]>>;
}

const OPTIONS: readonly Option[] = [
  {
    reader: /^(knex|objection|bookshelf)$/,
    name: 'client',
    loader: 'knex',
    packages: {
      pg: ['pg'],
      postgres: ['pg'],
      postgresql: ['pg'],
      cockroachdb: ['pg'],
      redshift: ['pg'],
      pgnative: ['pg-native'],
      mysql: ['mysql'],
      mysql2: ['mysql2'],
      sqlite: ['sqlite3'],
      sqlite3: ['sqlite3'],
      'better-sqlite3': ['better-sqlite3'],
      mssql: ['tedious'],
      oracledb: ['oracledb'],
    },
  },
  {
    reader: /^(sequelize|sequelize-typescript)$/,
    name: 'dialect',
    loader: 'Sequelize',
    packages: {
      postgres: ['pg'],
      mysql: ['mysql2'],
      mariadb: ['mariadb'],
      sqlite: ['sqlite3'],
      mssql: ['tedious'],
      oracle: ['oracledb'],
      db2: ['ibm_db'],
      snowflake: ['snowflake-sdk'],
    },
  },
  {
    reader: /^(sequelize|sequelize-typescript)$/,
    name: 'dialect',
    loader: 'Sequelize',
    packages: { postgres: ['pg-hstore'] },
  },
  {
    reader: /^typeorm$/,
    name: 'type',
    loader: 'TypeORM',
    packages: {
      postgres: ['pg'],
      cockroachdb: ['pg'],
      mysql: ['mysql2', 'mysql'],
      mariadb: ['mysql2', 'mysql'],
      sqlite: ['sqlite3'],
      'better-sqlite3': ['better-sqlite3'],
      mssql: ['mssql'],
      oracle: ['oracledb'],
      mongodb: ['mongodb'],
      sqljs: ['sql.js'],
    },
  },
];

/** Whether a package renders in Express under file extensions and from folders of its own. */
export const definesViews = (name: string): boolean =>
  /^(nunjucks|consolidate|@ladjs\/consolidate)$/.test(name);

const PINO = /^(pino|pino-http|fastify|nestjs-pino)$/;
/** Flags of Node.js that name a module. */
const PRELOAD = /^(?:-r|--(?:require|import|loader|experimental-loader))$/;

/**
 * The graph with edges to the packages that no import names, only a text.
 *
 * @param has whether the lock file holds a package
 */
export function withNamedPackages(graph: ImportGraph, has: (name: string) => boolean): ImportGraph {
  const edges = [...graph.edges, ...namedPackages(graph, has)];
  return { ...graph, edges, packages: packagesOf(edges) };
}

/**
 * Edges to a view engine of Express, a transport of pino, the driver of a database library, and a module that Node.js
 * preloads.
 */
function namedPackages(graph: ImportGraph, has: (name: string) => boolean): readonly ImportEdge[] {
  const imported = graph.packages.map(({ name }) => name);
  const options = OPTIONS.filter(({ reader }) => imported.some((name) => reader.test(name)));
  const calls = [...graph.sources.values()].flatMap((source) =>
    nodesOfKind(source, SyntaxKind.CallExpression),
  );
  const engines = viewEngines(calls, imported);
  const found = [
    ...[...graph.sources.values()].flatMap((source) => [
      ...nodesOfKind(source, SyntaxKind.PropertyAssignment).flatMap((property) => [
        ...options.flatMap((option) => optionPackage(property, option, has)),
        ...transport(
          property,
          imported.some((name) => PINO.test(name)),
        ),
      ]),
      ...preloaded(source),
    ]),
    ...engines,
  ];
  const fileOf = new Map([...graph.sources].map(([file, source]) => [source, file]));
  return found.map(({ node, specifier, loader }) => ({
    kind: 'named',
    loader,
    specifier,
    file: fileOf.get(node.getSourceFile()) ?? '',
    line: node.getStartLineNumber(),
    start: node.getStart(),
    end: node.getEnd(),
    target: { kind: 'package', name: packageName(specifier) },
  }));
}

function optionPackage(
  property: PropertyAssignment,
  { name, packages, loader }: Option,
  has: (name: string) => boolean,
): readonly NamedPackage[] {
  if (nameOf(property) !== name) return [];
  return outcomes(property.getInitializer()).flatMap(({ node, text }) => {
    const choice = Object.hasOwn(packages, text) ? packages[text] : undefined;
    const specifier = choice?.find(has) ?? choice?.[0];
    return specifier === undefined ? [] : [{ node, specifier, loader }];
  });
}

/** `{ target: 'pino-pretty' }`, alone, in `targets` or in a `pipeline`. */
function transport(property: PropertyAssignment, pinoIsImported: boolean): readonly NamedPackage[] {
  if (nameOf(property) !== 'target') return [];
  const isTransport = (text: string): boolean =>
    /^pino[-/]/.test(text) || (pinoIsImported && isInTransport(property));
  return outcomes(property.getInitializer())
    .filter(({ text }) => isBare(text) && isTransport(text))
    .map(({ node, text }) => ({ node, specifier: text, loader: 'pino' }));
}

function isInTransport(property: PropertyAssignment): boolean {
  return property
    .getAncestors()
    .some((node) =>
      Node.isPropertyAssignment(node)
        ? /^(transport|targets|pipeline)$/.test(nameOf(node))
        : Node.isCallExpression(node) && lastName(node.getExpression()) === 'transport',
    );
}

/** `app.set('view engine', 'pug')`, and `res.render('page.pug')`, of engines that `app.engine` does not register. */
function viewEngines(calls: readonly CallExpression[], imported: readonly string[]): readonly NamedPackage[] {
  if (!imported.includes('express') || imported.some(definesViews)) return [];
  const extension = (text: string): string => text.replace(/^\./, '');
  const registered = new Set(
    calls
      .filter((call) => lastName(call.getExpression()) === 'engine')
      .flatMap((call) => outcomes(call.getArguments()[0]).map(({ text }) => extension(text))),
  );
  return calls
    .flatMap((call) => {
      const [first, second] = call.getArguments();
      const callee = call.getExpression().getText();
      if (/(^|\.)set$/.test(callee) && first !== undefined && knownText(first) === 'view engine')
        return outcomes(second);
      if (!/^(res|response|app)\.render$/.test(callee)) return [];
      return outcomes(first)
        .map(({ node, text }) => ({ node, text: /\.([a-z]\w*)$/.exec(text)?.[1] ?? '' }))
        .filter(({ text }) => text !== '');
    })
    .map(({ node, text }) => ({ node, specifier: extension(text), loader: 'express' }))
    .filter(({ specifier }) => !registered.has(specifier));
}

/** `['--import', 'tsx']` and `['--import=tsx']`: arguments of another Node.js. `register('tsx', here)` of node:module. */
function preloaded(source: SourceFile): readonly NamedPackage[] {
  const inArguments = nodesOfKind(source, SyntaxKind.ArrayLiteralExpression).flatMap((list) => {
    const elements = list.getElements();
    return elements.flatMap((node, i) => {
      const [flag = '', value] = (knownText(node) ?? '').split('=');
      if (!PRELOAD.test(flag)) return [];
      const next = elements[i + 1];
      return value === undefined ? outcomes(next) : [{ node, text: value }];
    });
  });
  const registers = source
    .getImportDeclarations()
    .filter((one) => /^(node:)?module$/.test(one.getModuleSpecifierValue()))
    .flatMap((one) => one.getNamedImports())
    .filter((one) => one.getName() === 'register')
    .map((one) => (one.getAliasNode() ?? one.getNameNode()).getText());
  const registered = nodesOfKind(source, SyntaxKind.CallExpression)
    .filter((call) => registers.includes(call.getExpression().getText()))
    .flatMap((call) => outcomes(call.getArguments()[0]));
  return [...inArguments, ...registered]
    .filter(({ text }) => isBare(text))
    .map(({ node, text }) => ({ node, specifier: text, loader: 'Node.js' }));
}

const nameOf = (property: PropertyAssignment): string => property.getName().replace(/^['"]|['"]$/g, '');

/** A package rather than a path, an address or a module of Node.js. */
const isBare = (text: string): boolean =>
  /^(@[\w.-]+\/)?[\w][\w.-]*(\/|$)/.test(text) && !/^[a-z]+:/i.test(text);

interface Outcome {
  readonly node: Node;
  readonly text: string;
}

const MAX_DEPTH = 5;

/** The texts that an expression, or a constant in it, can have: both sides of `a ? b : c`, `a ?? b` and `a || b`. */
function outcomes(expression: Node | undefined, depth = 0): readonly Outcome[] {
  if (expression === undefined) return [];
  const node = bare(expression);
  if (Node.isConditionalExpression(node))
    return [...outcomes(node.getWhenTrue(), depth), ...outcomes(node.getWhenFalse(), depth)];
  if (Node.isBinaryExpression(node) && /^(\?\?|\|\|)$/.test(node.getOperatorToken().getText()))
    return [...outcomes(node.getLeft(), depth), ...outcomes(node.getRight(), depth)];
  const text = knownText(node);
  if (text !== null) return [{ node, text }];
  const value = Node.isIdentifier(node) && depth < MAX_DEPTH ? constantOf(node) : undefined;
  return outcomes(value, depth + 1).map((outcome) => ({ ...outcome, node }));
}
