import { DecimalPipe } from '@angular/common';
import { Component, computed, inject, linkedSignal } from '@angular/core';
import { takeUntilDestroyed, toSignal } from '@angular/core/rxjs-interop';
import { MatAnchor, MatButton } from '@angular/material/button';
import { MatCheckbox } from '@angular/material/checkbox';
import { MatDialog } from '@angular/material/dialog';
import { MatFormField, MatLabel } from '@angular/material/form-field';
import { MatInput } from '@angular/material/input';
import { MatPaginator, type PageEvent } from '@angular/material/paginator';
import { MatProgressBar } from '@angular/material/progress-bar';
import { ActivatedRoute, Router, RouterLink, type ParamMap } from '@angular/router';
import { Subject, debounceTime } from 'rxjs';
import { problemOf } from '../services/api-problem';
import { InventoryApiService } from '../services/inventory-api.service';
import {
  SORTS,
  isLow,
  type InventoryItem,
  type ItemQuery,
  type Page,
  type Sort,
} from '../types/inventory.types';
import { AdjustStockComponent, type AdjustStockData } from './adjust-stock.component';

const PAGE_SIZES = [25, 50, 100];
const COLUMNS: readonly { readonly sort: Sort; readonly title: string; readonly number?: true }[] = [
  { sort: 'name', title: 'Item' },
  { sort: 'sku', title: 'SKU' },
  { sort: 'quantity', title: 'In stock', number: true },
  { sort: 'price', title: 'Price', number: true },
];

/**
 * List of items with search, filter, sorting and paging. The URL holds its state, so that a reload, the back
 * button and a shared link show the same list.
 */
@Component({
  selector: 'app-inventory-list',
  imports: [
    DecimalPipe, RouterLink, MatAnchor, MatButton, MatCheckbox, MatFormField, MatLabel, MatInput, MatPaginator,
    MatProgressBar,
  ], // prettier-ignore
  templateUrl: './inventory-list.component.html',
  styleUrl: './inventory-list.component.css',
})
export class InventoryListComponent {
  private readonly router = inject(Router);
  private readonly route = inject(ActivatedRoute);
  private readonly dialog = inject(MatDialog);
  private readonly api = inject(InventoryApiService);
  private readonly params = toSignal(this.route.queryParamMap, { requireSync: true });

  protected readonly columns = COLUMNS;
  protected readonly pageSizes = PAGE_SIZES;
  protected readonly skeleton = Array.from({ length: 8 }, (_, i) => i);
  protected readonly isLow = isLow;

  protected readonly query = computed(() => queryOf(this.params()));
  protected readonly items = this.api.list(this.query);
  /** Keeps the previous page visible while the next one loads. */
  protected readonly page = linkedSignal<Page<InventoryItem> | undefined, Page<InventoryItem> | undefined>({
    source: () => (this.items.hasValue() ? this.items.value() : undefined),
    computation: (page, previous) => page ?? previous?.value,
  });
  protected readonly problem = computed(() => {
    const error = this.items.error();
    return error === undefined ? null : problemOf(error);
  });
  protected readonly filtered = computed(() => this.query().q !== '' || this.query().lowStock);
  protected readonly typed = new Subject<string>();

  constructor() {
    this.typed
      .pipe(debounceTime(250), takeUntilDestroyed())
      .subscribe((q) => this.show({ q: q.trim() || null, page: null }));
  }

  protected sortBy(sort: Sort): void {
    const { sort: now, order } = this.query();
    const descending = now === sort && order === 'asc';
    this.show({ sort: sort === 'name' ? null : sort, order: descending ? 'desc' : null, page: null });
  }

  protected ariaSort(sort: Sort): 'ascending' | 'descending' | null {
    if (this.query().sort !== sort) return null;
    return this.query().order === 'asc' ? 'ascending' : 'descending';
  }

  protected turnTo({ pageIndex, pageSize }: PageEvent): void {
    this.show({
      page: pageIndex === 0 ? null : pageIndex + 1,
      size: pageSize === PAGE_SIZES[0] ? null : pageSize,
    });
  }

  protected show(queryParams: Readonly<Record<string, string | number | boolean | null>>): void {
    void this.router.navigate([], { relativeTo: this.route, queryParams, queryParamsHandling: 'merge' });
  }

  protected adjust(item: InventoryItem): void {
    this.dialog
      .open<AdjustStockComponent, AdjustStockData, boolean>(AdjustStockComponent, {
        data: { item, api: this.api },
        width: '420px',
      })
      .afterClosed()
      .subscribe((changed) => {
        if (changed === true) this.items.reload();
      });
  }
}

/** Reads the state from the URL; invalid values fall back to the default. */
function queryOf(params: ParamMap): ItemQuery {
  const sort = SORTS.find((name) => name === params.get('sort')) ?? 'name';
  const limit = PAGE_SIZES.find((size) => String(size) === params.get('size')) ?? 25;
  const page = Math.max(1, Math.floor(Number(params.get('page') ?? 1)) || 1);
  return {
    q: (params.get('q') ?? '').slice(0, 200),
    lowStock: params.get('low') === 'true',
    sort,
    order: params.get('order') === 'desc' ? 'desc' : 'asc',
    limit,
    offset: (page - 1) * limit,
  };
}
