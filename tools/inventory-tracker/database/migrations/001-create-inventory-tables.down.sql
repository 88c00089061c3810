DROP TABLE IF EXISTS inventory_transactions;
DROP TABLE IF EXISTS inventory_items;
