-- tables: a
CREATE TABLE a (id int PRIMARY KEY, v int);
INSERT INTO a SELECT i, i FROM generate_series(1,10) i;
-- function reads view, view calls function (bodies as text)
CREATE FUNCTION f(int) RETURNS bigint LANGUAGE sql STABLE AS 'SELECT 1::bigint';
CREATE VIEW va AS SELECT id, f(id) AS n FROM a;
CREATE OR REPLACE FUNCTION f(int) RETURNS bigint LANGUAGE sql STABLE AS 'SELECT count(*) FROM va WHERE id < 0';
-- view row type as function argument, and function used by view
CREATE VIEW vb AS SELECT id, v FROM a;
CREATE FUNCTION g(vb) RETURNS int LANGUAGE sql STABLE AS 'SELECT $1.v';
CREATE OR REPLACE VIEW vb AS SELECT id, v FROM a WHERE id > 0;
CREATE VIEW vc AS SELECT vb.id, g(vb) FROM vb;
-- genuinely circular: view vd uses function h which returns setof vd
CREATE VIEW vd AS SELECT id, v, NULL::int AS extra FROM a;
CREATE FUNCTION h(vd) RETURNS int LANGUAGE sql STABLE AS 'SELECT $1.id';
CREATE OR REPLACE VIEW vd AS SELECT id, v, h(ROW(id, v, 3)::vd) AS extra FROM a;
-- two views circular through replace
CREATE VIEW ve AS SELECT id, v FROM a;
CREATE VIEW vf AS SELECT id, v FROM ve;
-- group by PK in view (depends on PK), used in a matview
CREATE VIEW vg AS SELECT a.*, count(*) c FROM a GROUP BY a.id;
CREATE MATERIALIZED VIEW mg AS SELECT * FROM vg;
-- begin atomic function over view that view2 uses
CREATE FUNCTION atomic_f() RETURNS SETOF vg LANGUAGE sql BEGIN ATOMIC SELECT * FROM vg; END;
CREATE VIEW vh AS SELECT * FROM atomic_f();
-- default calls function reading the table itself
CREATE FUNCTION next_v() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN (SELECT max(v) + 1 FROM a); END';
ALTER TABLE a ALTER v SET DEFAULT next_v();
CREATE FUNCTION a_count() RETURNS bigint LANGUAGE sql STABLE BEGIN ATOMIC SELECT count(*) FROM a; END;
ALTER TABLE a ADD COLUMN c bigint DEFAULT a_count();
