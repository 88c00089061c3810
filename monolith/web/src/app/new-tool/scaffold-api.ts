import { HttpClient } from '@angular/common/http';
import { Injectable, inject } from '@angular/core';
import type { Observable } from 'rxjs';
import type { RegistryTool } from '#contracts/tool';

/** The part of JSON Schema that the answers' schema uses. */
export interface JsonSchema {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly definitions?: Readonly<Record<string, JsonSchema>>;
}

export interface FieldAnswer {
  readonly name: string;
  readonly type: string;
  readonly required?: boolean;
  readonly unique?: boolean;
}

export interface ResourceAnswer {
  readonly name: string;
  readonly fields: readonly FieldAnswer[];
}

/** Answers as they stand in the form; the server says what is wrong with them. */
export type Answers = Readonly<Record<string, unknown>> & { readonly resources: readonly ResourceAnswer[] };

export interface ScaffoldPreview {
  readonly files: readonly {
    readonly path: string;
    readonly before: string | null;
    readonly after: string | null;
  }[];
}

/** The generator behind `create-tool`, on the server. */
@Injectable({ providedIn: 'root' })
export class ScaffoldApi {
  private readonly http = inject(HttpClient);

  schema(): Observable<JsonSchema> {
    return this.http.get<JsonSchema>('/api/scaffold/schema');
  }

  suggestions(id: string): Observable<Partial<Answers>> {
    return this.http.get<Partial<Answers>>('/api/scaffold/suggestions', { params: { id } });
  }

  preview(answers: Answers): Observable<ScaffoldPreview> {
    return this.http.post<ScaffoldPreview>('/api/scaffold/preview', answers);
  }

  create(answers: Answers): Observable<RegistryTool> {
    return this.http.post<RegistryTool>('/api/scaffold', answers);
  }
}
