-- tables: files
-- roles: lo_owner, lo_reader
CREATE TABLE files (id int PRIMARY KEY, content oid);
INSERT INTO files SELECT i, lo_from_bytea(0, convert_to(repeat('chunk ' || i, 400000 / i), 'UTF8')) FROM generate_series(1, 3) i;
INSERT INTO files VALUES (9, 424242);
DO $$ DECLARE o oid := (SELECT content FROM files WHERE id = 2); BEGIN EXECUTE format('ALTER LARGE OBJECT %s OWNER TO lo_owner', o); EXECUTE format('GRANT SELECT ON LARGE OBJECT %s TO lo_reader WITH GRANT OPTION', o); EXECUTE format('GRANT UPDATE ON LARGE OBJECT %s TO PUBLIC', o); END $$;
