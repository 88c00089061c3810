-- tables: ft
-- refused: public.ft
CREATE EXTENSION postgres_fdw;
CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw;
CREATE FOREIGN TABLE ft (id int) SERVER s;
