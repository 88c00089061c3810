import { HttpClient, HttpHeaders, httpResource, type HttpResourceRef } from '@angular/common/http';
import { Injectable, inject } from '@angular/core';
import type { Observable } from 'rxjs';
import { TOOL_WEB_CONTEXT } from '#contracts/tool-web';
import type {
  InventoryItem,
  InventoryTransaction,
  ItemEdit,
  ItemQuery,
  Movement,
  NewItem,
  Page,
} from '../types/inventory.types';

/** Client of the inventory API; works in the monolith and in the exported web app. */
@Injectable()
export class InventoryApiService {
  private readonly http = inject(HttpClient);
  private readonly items = `${inject(TOOL_WEB_CONTEXT).apiBase}/items`;

  /** Page of items for the current `query`; a new query cancels the pending request. */
  list(query: () => ItemQuery): HttpResourceRef<Page<InventoryItem> | undefined> {
    return httpResource<Page<InventoryItem>>(() => ({ url: this.items, params: { ...query() } }));
  }

  /** An item; sends no request while the id is undefined. */
  item(id: () => string | undefined): HttpResourceRef<InventoryItem | undefined> {
    return httpResource<InventoryItem>(() => {
      const itemId = id();
      return itemId === undefined ? undefined : this.urlOf(itemId);
    });
  }

  /** The latest movements of an item. */
  transactions(id: () => string | undefined): HttpResourceRef<Page<InventoryTransaction> | undefined> {
    return httpResource<Page<InventoryTransaction>>(() => {
      const itemId = id();
      if (itemId === undefined) return undefined;
      return { url: `${this.urlOf(itemId)}/transactions`, params: { limit: 20 } };
    });
  }

  create(item: NewItem): Observable<InventoryItem> {
    return this.http.post<InventoryItem>(this.items, item);
  }

  /** `etag`: of the item as it was read. The API answers 412 when another user has edited the item since. */
  edit(id: string, item: ItemEdit, etag: string | null): Observable<InventoryItem> {
    return this.http.put<InventoryItem>(this.urlOf(id), item, { headers: ifMatch(etag) });
  }

  /** `etag`: as for {@link edit}. */
  remove(id: string, etag: string | null): Observable<void> {
    return this.http.delete<undefined>(this.urlOf(id), { headers: ifMatch(etag) });
  }

  adjust(
    id: string,
    movement: Movement,
  ): Observable<{ item: InventoryItem; transaction: InventoryTransaction }> {
    return this.http.post<{ item: InventoryItem; transaction: InventoryTransaction }>(
      `${this.urlOf(id)}/adjust`,
      movement,
    );
  }

  private urlOf(id: string): string {
    return `${this.items}/${encodeURIComponent(id)}`;
  }
}

const ifMatch = (etag: string | null): HttpHeaders =>
  new HttpHeaders(etag === null ? {} : { 'If-Match': etag });
