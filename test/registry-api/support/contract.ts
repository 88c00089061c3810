import addFormats from 'ajv-formats';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

interface Answered {
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
}

interface Described {
  readonly responses: Readonly<Record<string, Answered | { readonly $ref: string }>>;
}

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described & Record<string, unknown>>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, object>>;
    readonly responses: Readonly<Record<string, Answered>>;
  };
}

/** Validates answers by the document only, like a generated client. */
export class Contract {
  readonly document: Document;
  readonly #ajv: Ajv2020;
  readonly #compiled = new Map<string, ValidateFunction>();

  constructor(document: Document) {
    this.document = document;
    this.#ajv = new Ajv2020({ strict: false, allErrors: true });
    addFormats.default(this.#ajv);
    this.#ajv.addSchema({ $id: 'document', ...document });
  }

  /** Contract violations of an answer; empty for a valid one. */
  problems(
    method: string,
    path: string,
    answer: { status: number; headers: Headers; body: unknown },
  ): string[] {
    const described = this.document.paths[path]?.[method.toLowerCase()];
    if (described === undefined) return [`${method} ${path} is not in the document`];
    const found = this.#answered(path, method.toLowerCase(), described, answer.status);
    if (found === null) return [`${method} ${path}: status ${answer.status} is not described`];
    const { response, at } = found;
    const type = (answer.headers.get('content-type') ?? '').split(';')[0] ?? '';
    const content = response.content ?? {};
    const described_ = content[type] ?? content['*/*'];
    if (Object.keys(content).length === 0)
      return answer.body === '' ? [] : [`${answer.status} must have no body`];
    if (described_ === undefined) return [`${method} ${path}: ${answer.status} came as ${type}`];
    const pointer = `document${at}/content/${escape(content[type] ? type : '*/*')}/schema`;
    const validate = this.#validator(pointer);
    if (validate(answer.body)) return [];
    return (validate.errors ?? []).map(
      (e) =>
        `${method} ${path} ${answer.status} ${e.instancePath}: ${e.message ?? ''} ${JSON.stringify(e.params)}`,
    );
  }

  /** Description of a status: in the operation, or shared. */
  #answered(
    path: string,
    method: string,
    { responses }: Described,
    status: number,
  ): { readonly response: Answered; readonly at: string } | null {
    const here = responses[String(status)];
    if (here === undefined) return null;
    if (!('$ref' in here))
      return { response: here, at: `#/paths/${escape(path)}/${method}/responses/${status}` };
    const response = this.document.components.responses[here.$ref.replace('#/components/responses/', '')];
    return response === undefined ? null : { response, at: here.$ref };
  }

  #validator(pointer: string): ValidateFunction {
    const known = this.#compiled.get(pointer);
    if (known !== undefined) return known;
    const made = this.#ajv.compile({ $ref: pointer });
    this.#compiled.set(pointer, made);
    return made;
  }
}

const escape = (segment: string): string =>
  encodeURIComponent(segment.replaceAll('~', '~0').replaceAll('/', '~1'));
