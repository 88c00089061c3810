-- tables: a
-- refused: copy_out ON public.a
CREATE TABLE a (id int);
CREATE TABLE b (id int);
CREATE RULE copy_out AS ON INSERT TO a DO ALSO INSERT INTO b VALUES (NEW.id);
