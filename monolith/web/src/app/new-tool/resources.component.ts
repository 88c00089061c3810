import { Component, input, output } from '@angular/core';
import { MatButton } from '@angular/material/button';
import { MatIcon } from '@angular/material/icon';
import type { FieldAnswer, ResourceAnswer } from './scaffold-api';

/** Data that the tool stores: each resource with its fields. */
@Component({
  selector: 'app-resources',
  imports: [MatButton, MatIcon],
  templateUrl: './resources.component.html',
  styleUrl: './resources.component.scss',
})
export class ResourcesComponent {
  readonly resources = input.required<readonly ResourceAnswer[]>();
  readonly types = input.required<readonly string[]>();
  readonly errors = input.required<readonly { readonly pointer: string; readonly message: string }[]>();
  readonly changed = output<readonly ResourceAnswer[]>();

  protected errorsOf(index: number): readonly string[] {
    const prefix = `/resources/${index}`;
    return this.errors()
      .filter(({ pointer }) => pointer === prefix || pointer.startsWith(`${prefix}/`))
      .map(({ pointer, message }) => `${this.wordsFor(pointer.slice(prefix.length + 1))} ${message}`);
  }

  protected addResource(): void {
    this.changed.emit([
      ...this.resources(),
      { name: '', fields: [{ name: 'name', type: 'string', required: true }] },
    ]);
  }

  protected removeResource(index: number): void {
    this.changed.emit(this.resources().filter((_, i) => i !== index));
  }

  protected rename(index: number, name: string): void {
    this.replace(index, { name });
  }

  protected addField(index: number): void {
    const fields = this.resources()[index]?.fields ?? [];
    this.replace(index, { fields: [...fields, { name: '', type: 'string' }] });
  }

  protected removeField(index: number, field: number): void {
    const fields = this.resources()[index]?.fields ?? [];
    this.replace(index, { fields: fields.filter((_, i) => i !== field) });
  }

  protected setField(index: number, field: number, change: Partial<FieldAnswer>): void {
    const fields = this.resources()[index]?.fields ?? [];
    this.replace(index, { fields: fields.map((old, i) => (i === field ? { ...old, ...change } : old)) });
  }

  private replace(index: number, change: Partial<ResourceAnswer>): void {
    this.changed.emit(this.resources().map((old, i) => (i === index ? { ...old, ...change } : old)));
  }

  /** `fields/1/name` as a person counts: `Name of field 2`. */
  private wordsFor(pointer: string): string {
    const [part = '', no, of = 'name'] = pointer.split('/');
    if (part === 'fields' && no !== undefined) return `Field ${Number(no) + 1}: ${of}`;
    return part === '' ? 'It' : `The ${part}`;
  }
}
