-- tables: a
-- refused: b_id_fkey ON public.b
CREATE TABLE a (id int PRIMARY KEY);
CREATE TABLE b (id int REFERENCES a);
