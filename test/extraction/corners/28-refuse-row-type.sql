-- tables: a
-- refused: public.a
CREATE TABLE b (id int);
CREATE TABLE a (id int, whole b);
