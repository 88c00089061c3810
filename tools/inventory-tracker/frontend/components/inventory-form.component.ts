import { DatePipe, DecimalPipe } from '@angular/common';
import { Component, computed, effect, inject, signal, untracked } from '@angular/core';
import { toSignal } from '@angular/core/rxjs-interop';
import { NonNullableFormBuilder, ReactiveFormsModule, Validators, type FormGroup } from '@angular/forms';
import { MatButton } from '@angular/material/button';
import { MatDialog } from '@angular/material/dialog';
import { MatError, MatFormField, MatHint, MatLabel } from '@angular/material/form-field';
import { MatInput } from '@angular/material/input';
import { MatProgressBar } from '@angular/material/progress-bar';
import { MatSnackBar } from '@angular/material/snack-bar';
import { ActivatedRoute, Router, RouterLink } from '@angular/router';
import { map, type Observable } from 'rxjs';
import { problemOf, type ApiProblem } from '../services/api-problem';
import { InventoryApiService } from '../services/inventory-api.service';
import type { InventoryItem, ItemEdit } from '../types/inventory.types';
import { AdjustStockComponent, type AdjustStockData } from './adjust-stock.component';
import { attributesOf, rowsOf, type AttributeRow } from './attribute-rows';

/** Form that creates an item, or edits one and shows its latest movements. */
@Component({
  selector: 'app-inventory-form',
  imports: [
    DatePipe, DecimalPipe, ReactiveFormsModule, RouterLink, MatButton, MatError, MatFormField, MatHint, MatLabel,
    MatInput, MatProgressBar,
  ], // prettier-ignore
  templateUrl: './inventory-form.component.html',
  styleUrl: './inventory-form.component.css',
})
export class InventoryFormComponent {
  private readonly api = inject(InventoryApiService);
  private readonly router = inject(Router);
  private readonly route = inject(ActivatedRoute);
  private readonly dialog = inject(MatDialog);
  private readonly snackBar = inject(MatSnackBar);
  private readonly fb = inject(NonNullableFormBuilder);

  protected readonly itemId = toSignal(this.route.paramMap.pipe(map((p) => p.get('itemId') ?? undefined)));
  protected readonly item = this.api.item(this.itemId);
  protected readonly movements = this.api.transactions(this.itemId);
  protected readonly loadProblem = computed(() => {
    const error = this.item.error();
    return error === undefined ? null : problemOf(error);
  });
  protected readonly saving = signal(false);
  protected readonly problem = signal<string | null>(null);
  /** Set when another user has edited the item after it was read; the form keeps what was typed. */
  protected readonly changed = signal(false);
  private loaded: InventoryItem | undefined;
  /** Version of the item whose values the form shows, or which the user has been told of. */
  private etag: string | null = null;

  protected readonly form = this.fb.group({
    name: ['', [Validators.required, Validators.maxLength(200)]],
    sku: ['', [Validators.required, Validators.maxLength(40)]],
    description: ['', Validators.maxLength(2000)],
    location: ['', Validators.maxLength(200)],
    quantity: [0, [Validators.required, Validators.min(0)]],
    reorderLevel: [0, [Validators.required, Validators.min(0)]],
    price: ['0.00', Validators.required],
    attributes: this.fb.array<FormGroup<AttributeRow>>([]),
  });

  constructor() {
    effect(() => {
      const headers = this.item.headers();
      if (this.item.hasValue() && headers !== undefined) this.take(this.item.value(), headers.get('ETag'));
    });
  }

  protected addAttribute(name = '', value = ''): void {
    this.form.controls.attributes.push(
      this.fb.group({ name: [name, Validators.maxLength(60)], value: [value] }),
    );
  }

  protected save(): void {
    this.form.markAllAsTouched();
    if (this.form.invalid || this.saving()) return;
    const { quantity, attributes, ...rest } = this.form.getRawValue();
    const edit: ItemEdit = {
      ...rest,
      sku: rest.sku.trim().toUpperCase(),
      name: rest.name.trim(),
      price: rest.price.trim().replace(',', '.'),
      attributes: attributesOf(attributes, this.loaded?.attributes ?? {}),
    };
    const id = this.itemId();
    const done = id === undefined ? `${edit.name} added` : `${edit.name} saved`;
    this.send(
      id === undefined ? this.api.create({ ...edit, quantity }) : this.api.edit(id, edit, this.etag),
      done,
    );
  }

  protected remove(item: InventoryItem): void {
    if (confirm(`Delete ${item.name}? This cannot be undone.`))
      this.send(this.api.remove(item.id, this.etag), `${item.name} deleted`);
  }

  /** Replaces what was typed by the item as it is now. */
  protected showNewValues(item: InventoryItem): void {
    this.changed.set(false);
    this.fill(item);
  }

  protected adjust(item: InventoryItem): void {
    this.dialog
      .open<AdjustStockComponent, AdjustStockData, boolean>(AdjustStockComponent, {
        data: { item, api: this.api },
        width: '420px',
      })
      .afterClosed()
      .subscribe((changed) => {
        if (changed !== true) return;
        this.item.reload();
        this.movements.reload();
      });
  }

  /** Error message of a field; the server's message takes precedence. */
  protected errorOf(field: string): string {
    const errors = this.form.get(field)?.errors ?? {};
    if (typeof errors['server'] === 'string') return errors['server'];
    if ('required' in errors) return 'is needed';
    if ('maxlength' in errors) return 'is too long';
    return 'must be 0 or more';
  }

  private send(request: Observable<unknown>, done: string): void {
    this.saving.set(true);
    this.problem.set(null);
    this.changed.set(false);
    request.subscribe({
      next: () => {
        this.snackBar.open(done, undefined, { duration: 4000 });
        void this.router.navigate(['.'], { relativeTo: this.route.parent });
      },
      error: (error: unknown) => {
        this.saving.set(false);
        this.showProblem(problemOf(error));
      },
    });
  }

  private showProblem({ status, detail, fields }: ApiProblem): void {
    if (status === 412) {
      this.changed.set(true);
      this.item.reload(); // brings the new version
      return;
    }
    this.problem.set(detail);
    for (const [field, message] of Object.entries(fields))
      this.form.get(field)?.setErrors({ server: message });
  }

  /** A reload after a movement must not discard unsaved input, nor hide that another user has edited the item. */
  private take(item: InventoryItem, etag: string | null): void {
    this.loaded = item;
    if (this.form.dirty && !untracked(this.changed)) return;
    this.etag = etag;
    if (!this.form.dirty) this.fill(item);
  }

  private fill(item: InventoryItem): void {
    const { attributes, ...fields } = item;
    this.form.patchValue(fields);
    this.form.controls.attributes.clear();
    for (const { name, value } of rowsOf(attributes)) this.addAttribute(name, value);
    this.form.markAsPristine();
  }
}
