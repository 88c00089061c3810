import { Node, SyntaxKind, type CallExpression } from 'ts-morph';
import { bare, constantOf } from './definition.ts';

/** Static text, or a hole that is filled at run time. */
export type TextPart = string | { readonly hole: true };

const HOLE: TextPart = { hole: true };
const MAX_DEPTH = 12;

export interface Evaluation {
  /** Which branch of every `a ? b : c` to evaluate; without it such an expression is a hole. */
  readonly branch?: 'then' | 'else';
  readonly depth?: number;
}

/**
 * Evaluates a string expression statically: literals, templates, `+`, `concat`, `trim`, constants of any file, and
 * joined lists. Everything else is a hole.
 */
export function evaluate(expression: Node, how: Evaluation = {}): readonly TextPart[] {
  const node = bare(expression);
  const depth = how.depth ?? 0;
  if (depth > MAX_DEPTH) return [HOLE];
  const inside = { ...how, depth: depth + 1 };
  return evaluateLiteral(node) ?? evaluateReference(node, inside) ?? evaluateCompound(node, inside);
}

function evaluateLiteral(node: Node): readonly TextPart[] | null {
  if (Node.isStringLiteral(node) || Node.isNoSubstitutionTemplateLiteral(node))
    return [node.getLiteralText()];
  return Node.isNumericLiteral(node) ? [node.getText()] : null;
}

/** `NAME`, `QUERIES.name` and `QUERIES['name']`. */
function evaluateReference(node: Node, inside: Evaluation): readonly TextPart[] | null {
  const isName = Node.isIdentifier(node) || Node.isPropertyAccessExpression(node);
  if (!isName && !Node.isElementAccessExpression(node)) return null;
  const name = Node.isElementAccessExpression(node)
    ? node.getArgumentExpression()
    : Node.isIdentifier(node)
      ? node
      : node.getNameNode();
  const value = name === undefined ? undefined : constantOf(name);
  return value === undefined ? [HOLE] : evaluate(value, inside);
}

function evaluateCompound(node: Node, inside: Evaluation): readonly TextPart[] {
  if (Node.isConditionalExpression(node) && inside.branch !== undefined)
    return evaluate(inside.branch === 'then' ? node.getWhenTrue() : node.getWhenFalse(), inside);
  if (Node.isTemplateExpression(node))
    return [
      node.getHead().getLiteralText(),
      ...node
        .getTemplateSpans()
        .flatMap((span) => [...evaluate(span.getExpression(), inside), span.getLiteral().getLiteralText()]),
    ];
  if (Node.isTaggedTemplateExpression(node)) {
    const tag = node.getTag().getText();
    return tag === 'String.raw' ? evaluate(node.getTemplate(), inside) : [HOLE];
  }
  if (Node.isBinaryExpression(node) && node.getOperatorToken().getKind() === SyntaxKind.PlusToken)
    return [...evaluate(node.getLeft(), inside), ...evaluate(node.getRight(), inside)];
  return Node.isCallExpression(node) ? evaluateCall(node, inside) : [HOLE];
}

function evaluateCall(node: CallExpression, inside: Evaluation): readonly TextPart[] {
  const callee = node.getExpression();
  if (!Node.isPropertyAccessExpression(callee)) return [HOLE];
  const object = bare(callee.getExpression());
  if (/^trim(Start|End)?$/.test(callee.getName())) return evaluate(object, inside);
  if (callee.getName() === 'concat' && !Node.isArrayLiteralExpression(object))
    return [object, ...node.getArguments()].flatMap((part) => evaluate(part, inside));
  if (callee.getName() !== 'join' || !Node.isArrayLiteralExpression(object)) return [HOLE];
  const [separator] = node.getArguments();
  const between = separator === undefined ? [','] : evaluate(separator, inside);
  return object
    .getElements()
    .flatMap((element, i) => [...(i === 0 ? [] : between), ...evaluate(element, inside)]);
}

/** The text, when it has no holes. */
export function knownText(expression: Node): string | null {
  const parts = evaluate(expression);
  return parts.every((part) => typeof part === 'string') ? parts.join('') : null;
}

/** Whether an expression builds a string that {@link evaluate} can take apart. */
export function isText(node: Node): boolean {
  if (
    Node.isStringLiteral(node) ||
    Node.isNoSubstitutionTemplateLiteral(node) ||
    Node.isTemplateExpression(node)
  )
    return true;
  if (Node.isBinaryExpression(node) && node.getOperatorToken().getKind() === SyntaxKind.PlusToken)
    return isText(bare(node.getLeft())) || isText(bare(node.getRight()));
  if (!Node.isCallExpression(node)) return false;
  const callee = node.getExpression();
  if (!Node.isPropertyAccessExpression(callee)) return false;
  if (/^(trim(Start|End)?|concat)$/.test(callee.getName())) return isText(bare(callee.getExpression()));
  if (callee.getName() !== 'join') return false;
  const list = bare(callee.getExpression());
  return Node.isArrayLiteralExpression(list) && list.getElements().some((element) => isText(bare(element)));
}
