-- tables: a
-- refused: known ON public.a
CREATE TABLE b (id int);
CREATE FUNCTION known(int) RETURNS boolean LANGUAGE sql AS 'SELECT EXISTS (SELECT FROM b WHERE id = $1)';
CREATE TABLE a (id int CONSTRAINT known CHECK (known(id)));
