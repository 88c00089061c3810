import { BindingType, parseTemplate, tmplAstVisitAll, TmplAstRecursiveVisitor } from '@angular/compiler';
import type { TmplAstElement, TmplAstTemplate } from '@angular/compiler';

export interface TemplateUse {
  /** `app-list` for an element, `[appHighlight]` for an attribute, an input or an output. */
  readonly name: string;
  readonly offset: number;
}

/** The names of elements and attributes that an Angular template uses, control flow blocks included. */
export function usesOf(template: string): readonly TemplateUse[] {
  const uses: TemplateUse[] = [];
  class Collector extends TmplAstRecursiveVisitor {
    override visitElement(element: TmplAstElement): void {
      uses.push({ name: element.name, offset: element.startSourceSpan.start.offset });
      this.attributes(element);
      super.visitElement(element);
    }
    override visitTemplate(node: TmplAstTemplate): void {
      this.attributes(node);
      for (const { name, sourceSpan } of node.templateAttrs)
        uses.push({ name: `[${name}]`, offset: sourceSpan.start.offset });
      super.visitTemplate(node);
    }
    private attributes(node: TmplAstElement | TmplAstTemplate): void {
      // [attr.x], [class.x] and [style.x] match no directive; (x) does
      const inputs = node.inputs.filter(
        ({ type }) => type === BindingType.Property || type === BindingType.TwoWay,
      );
      for (const { name, sourceSpan } of [...node.attributes, ...inputs, ...onlyOutputs(node)])
        uses.push({ name: `[${name}]`, offset: sourceSpan.start.offset });
    }
  }
  tmplAstVisitAll(new Collector(), parseTemplate(template, 'template.html').nodes);
  return uses;
}

/** Outputs without those of `[(x)]`, which is listed as an input already. */
const onlyOutputs = ({ inputs, outputs }: TmplAstElement | TmplAstTemplate): TmplAstElement['outputs'] =>
  outputs.filter(({ name }) => !inputs.some((input) => name === `${input.name}Change`));
