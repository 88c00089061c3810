const START = String.raw`(?:file:\/\/)?(?:[A-Za-z]:)?[\\/]`;
/** In quotes a path may contain blanks. */
const QUOTED = new RegExp(String.raw`(['"\`])${START}(?:[^'"\`\n]*[\\/])?([^'"\`\\/\n]*)\1`, 'g');
const BARE = new RegExp(
  String.raw`(?<![\w:.~\\/-])${START}(?:[^\s'"\`<>()|:*?\\/]+[\\/])+([^\s'"\`<>()|:*?\\/]*)`,
  'g',
);

/** A message with absolute paths of this machine reduced to the name of their file. For answers to callers. */
export const withoutPaths = (message: string): string =>
  message.replaceAll(QUOTED, '$1$2$1').replaceAll(BARE, '$1');
