import { Node, SyntaxKind, type Decorator } from 'ts-morph';
import { bare, constantOf } from '../source/definition.ts';
import { knownText } from '../source/evaluate.ts';

export interface DecoratorText {
  readonly text: string;
  /** The expression that holds the text, possibly a constant of another file. */
  readonly node: Node;
}

/** Text, or list of texts, of a member of a decorator's argument, where it can be evaluated statically. */
export function textsOf(decorator: Decorator, member: string): readonly DecoratorText[] {
  const [argument] = decorator.getArguments();
  if (!Node.isObjectLiteralExpression(argument)) return [];
  const value = argument
    .getProperties()
    .filter((property) => property.isKind(SyntaxKind.PropertyAssignment))
    .find((assignment) => assignment.getName() === member)
    ?.getInitializer();
  if (value === undefined) return [];
  const list = bare(value);
  return (Node.isArrayLiteralExpression(list) ? list.getElements() : [list]).flatMap((one) => {
    const text = knownText(one);
    return text === null ? [] : [{ text, node: written(one) }];
  });
}

function written(node: Node): Node {
  const name = Node.isPropertyAccessExpression(node) ? node.getNameNode() : node;
  const value = Node.isIdentifier(name) ? constantOf(name) : undefined;
  return value === undefined ? node : written(value);
}
