-- tables: a
-- refused: public.c_fn()
CREATE FUNCTION c_fn() RETURNS int LANGUAGE internal AS 'pg_backend_pid';
CREATE TABLE a (id int DEFAULT c_fn());
