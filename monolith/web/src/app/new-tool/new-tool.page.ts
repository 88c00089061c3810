import { Component, computed, effect, inject, linkedSignal, signal } from '@angular/core';
import { rxResource, toObservable, toSignal } from '@angular/core/rxjs-interop';
import { MatAnchor, MatButton } from '@angular/material/button';
import { MatIcon } from '@angular/material/icon';
import { Router, RouterLink } from '@angular/router';
import { catchError, debounceTime, map, of, switchMap } from 'rxjs';
import { problemOf, type Problem } from '../core/problem';
import { Session } from '../core/session';
import { FilesComponent } from './files.component';
import { ResourcesComponent } from './resources.component';
import {
  ScaffoldApi,
  type Answers,
  type JsonSchema,
  type ResourceAnswer,
  type ScaffoldPreview,
} from './scaffold-api';

interface Outcome {
  readonly preview: ScaffoldPreview | null;
  readonly problem: Problem | null;
}

/** One scalar answer, as the schema describes it. */
interface Question {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly required: boolean;
}

const EMPTY: Answers = { id: '', name: '', resources: [] };

/**
 * A new tool: the form is made from the schema of the generator's answers, and shows every file before it is
 * written. What is wrong is said by the server, at the field it belongs to.
 */
@Component({
  selector: 'app-new-tool-page',
  imports: [MatAnchor, MatButton, RouterLink, FilesComponent, MatIcon, ResourcesComponent],
  templateUrl: './new-tool.page.html',
  styleUrl: './new-tool.page.scss',
})
export class NewToolPage {
  private readonly api = inject(ScaffoldApi);
  private readonly router = inject(Router);
  protected readonly session = inject(Session);

  protected readonly schema = rxResource({ stream: () => this.api.schema() });
  protected readonly questions = computed(() =>
    this.schema.hasValue() ? questionsOf(this.schema.value()) : [],
  );
  protected readonly fieldTypes = computed(
    () => this.schema.value()?.definitions?.['field']?.properties?.['type']?.enum ?? [],
  );

  protected readonly answers = linkedSignal<readonly Question[], Answers>({
    source: this.questions,
    computation: (questions) => ({
      ...EMPTY,
      ...Object.fromEntries(questions.map(({ name, schema }) => [name, schema.default ?? ''])),
    }),
  });
  /** Fields that the reader has left; only theirs are complained about before the first attempt to create. */
  protected readonly touched = signal<ReadonlySet<string>>(new Set());
  protected readonly attempted = signal(false);
  protected readonly creating = signal(false);
  protected readonly refusal = signal<Problem | null>(null);
  private readonly resourcesEdited = signal(false);

  private readonly outcome = toSignal(
    toObservable(this.answers).pipe(
      debounceTime(300),
      switchMap((answers) =>
        answers['id'] === ''
          ? of<Outcome>({ preview: null, problem: null })
          : this.api.preview(answers).pipe(
              map((preview): Outcome => ({ preview, problem: null })),
              catchError((error: unknown) => of<Outcome>({ preview: null, problem: problemOf(error) })),
            ),
      ),
    ),
    { initialValue: { preview: null, problem: null } },
  );
  protected readonly preview = computed(() => this.outcome().preview);
  protected readonly problem = computed(() => this.refusal() ?? this.outcome().problem);
  /** What is wrong as a whole, when it belongs to no field. */
  protected readonly general = computed(() => {
    const problem = this.problem();
    return problem !== null && problem.errors.length === 0 ? problem.detail : null;
  });

  constructor() {
    // What a tool is called suggests what it keeps, until the reader says otherwise.
    const id = computed(() => this.text('id'));
    effect((onCleanup) => {
      const asked = id();
      if (asked === '' || this.resourcesEdited()) return;
      const timer = setTimeout(() => {
        this.api.suggestions(asked).subscribe(({ resources }) => {
          if (resources !== undefined && !this.resourcesEdited())
            this.answers.update((a) => ({ ...a, resources }));
        });
      }, 250);
      onCleanup(() => clearTimeout(timer));
    });
  }

  protected text(name: string): string {
    const answer = this.answers()[name];
    return typeof answer === 'string' ? answer : '';
  }

  protected set(name: string, value: string): void {
    this.refusal.set(null);
    this.answers.update((answers) => {
      const followsName =
        name === 'name' && (answers['id'] === '' || answers['id'] === kebab(this.text('name')));
      return { ...answers, [name]: value, ...(followsName ? { id: kebab(value) } : {}) };
    });
  }

  protected setResources(resources: readonly ResourceAnswer[]): void {
    this.refusal.set(null);
    this.resourcesEdited.set(true);
    this.answers.update((answers) => ({ ...answers, resources }));
  }

  protected leave(name: string): void {
    this.touched.update((names) => new Set([...names, name]));
  }

  protected errorOf(name: string): string | null {
    if (!this.attempted() && !this.touched().has(name)) return null;
    return this.problem()?.errors.find(({ pointer }) => pointer === `/${name}`)?.message ?? null;
  }

  protected create(): void {
    this.attempted.set(true);
    this.creating.set(true);
    this.api.create(this.answers()).subscribe({
      next: (tool) => void this.router.navigateByUrl(tool.route),
      error: (error: unknown) => {
        this.creating.set(false);
        this.refusal.set(problemOf(error));
      },
    });
  }
}

/** The name before the id: a person knows what to call it first. */
function questionsOf(schema: JsonSchema): readonly Question[] {
  const order = ['name', 'id'];
  const rank = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);
  return Object.entries(schema.properties ?? {})
    .filter(([, property]) => property.type === 'string')
    .map(([name, property]) => ({
      name,
      schema: property,
      required: schema.required?.includes(name) ?? false,
    }))
    .sort((a, b) => rank(a.name) - rank(b.name));
}

const kebab = (text: string): string =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, 50);
