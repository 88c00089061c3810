-- tables: a
-- refused: public.a.x
CREATE TABLE b (id int);
CREATE FUNCTION next_b() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT max(id) FROM b);
END';
CREATE TABLE a (id int, x int DEFAULT next_b());
