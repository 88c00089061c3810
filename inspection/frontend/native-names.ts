import { DomElementSchemaRegistry } from '@angular/compiler';

const schema = new DomElementSchemaRegistry();

/** Elements that together have every attribute of HTML. */
const ELEMENTS = `
  a area audio button canvas col details dialog div fieldset form iframe img input label li link meter
  object ol option output progress q select source table td textarea th time track video
`;

const ATTRIBUTES: ReadonlySet<string> = new Set(
  ELEMENTS.trim()
    .split(/\s+/)
    .flatMap((name) => schema.allKnownAttributesOfElement(name))
    .map((name) => name.toLowerCase()),
);

/** Attributes that the schema names differently, and directives of Angular's own packages. */
const OTHERS =
  /^(aria-.*|data-.*|role|class|for|slot|part|is|itemprop|accept-charset|http-equiv|(router|ng|form|mat|cdk)[A-Z].*)$/;

/** `button`, `svg`, `path`: native, even when a component of another tool has the same name. */
export const isNativeElement = (name: string): boolean =>
  [name, `:svg:${name}`, `:math:${name}`].some((known) => schema.hasElement(known, []));

/** `type`, `aria-label`, `routerLink`: no evidence of a directive of another tool. */
export const isNativeAttribute = (name: string): boolean =>
  ATTRIBUTES.has(name.toLowerCase()) || OTHERS.test(name);
