/** A text as HTML, in elements and in quoted attributes. */
export const escaped = (text: string | number): string =>
  String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** An address within the page for a name. */
export const anchorOf = (name: string): string => `m-${encodeURIComponent(name)}`;
