CREATE TABLE inventory_items (
  id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  sku           text NOT NULL,
  name          text NOT NULL,
  description   text NOT NULL DEFAULT '',
  location      text NOT NULL DEFAULT '',
  quantity      integer NOT NULL DEFAULT 0,
  reorder_level integer NOT NULL DEFAULT 0,
  price         numeric(12, 2) NOT NULL DEFAULT 0,
  attributes    jsonb NOT NULL DEFAULT '{}'::jsonb,
  created_at    timestamptz NOT NULL DEFAULT now(),
  updated_at    timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT inventory_items_sku_key UNIQUE (sku),
  CONSTRAINT inventory_items_sku_format CHECK (sku ~ '^[A-Z0-9]+(-[A-Z0-9]+)*$' AND length(sku) <= 40),
  CONSTRAINT inventory_items_name_length CHECK (length(name) BETWEEN 1 AND 200),
  CONSTRAINT inventory_items_quantity_not_negative CHECK (quantity >= 0),
  CONSTRAINT inventory_items_reorder_level_not_negative CHECK (reorder_level >= 0),
  CONSTRAINT inventory_items_price_not_negative CHECK (price >= 0),
  CONSTRAINT inventory_items_attributes_is_object CHECK (jsonb_typeof(attributes) = 'object')
);

COMMENT ON TABLE inventory_items IS 'What is kept in stock. The quantity changes by inventory_transactions only.';
COMMENT ON COLUMN inventory_items.reorder_level IS 'At or below this quantity the item counts as low on stock.';

-- The list is shown by name; id makes the order total, so that paging shows no row twice.
CREATE INDEX inventory_items_name_idx ON inventory_items (name, id);
CREATE INDEX inventory_items_low_stock_idx ON inventory_items (name, id) WHERE quantity <= reorder_level;
CREATE INDEX inventory_items_attributes_idx ON inventory_items USING gin (attributes jsonb_path_ops);

CREATE TABLE inventory_transactions (
  id             uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  movement_no    bigint GENERATED ALWAYS AS IDENTITY,
  item_id        uuid NOT NULL,
  kind           text NOT NULL,
  change         integer NOT NULL,
  quantity_after integer NOT NULL,
  reason         text NOT NULL DEFAULT '',
  actor          text NOT NULL,
  created_at     timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT inventory_transactions_item_id_fkey FOREIGN KEY (item_id) REFERENCES inventory_items (id),
  CONSTRAINT inventory_transactions_kind CHECK (kind IN ('receipt', 'issue', 'correction')),
  CONSTRAINT inventory_transactions_change_not_zero CHECK (change <> 0),
  CONSTRAINT inventory_transactions_direction CHECK (
    (kind <> 'receipt' OR change > 0) AND (kind <> 'issue' OR change < 0)
  ),
  CONSTRAINT inventory_transactions_quantity_after_not_negative CHECK (quantity_after >= 0)
);

COMMENT ON TABLE inventory_transactions IS 'The ledger of stock movements. Rows are added, never changed.';
COMMENT ON COLUMN inventory_transactions.movement_no IS 'Order of movements; two can share a moment.';

CREATE UNIQUE INDEX inventory_transactions_item_idx ON inventory_transactions (item_id, movement_no);
