-- tables: parent, child, self, ex
CREATE TABLE outside (id int PRIMARY KEY); INSERT INTO outside SELECT generate_series(1, 10);
CREATE TABLE parent (id int, tenant int, code text, other int, CONSTRAINT parent_pk PRIMARY KEY (tenant, id) INCLUDE (code) WITH (fillfactor = 80), CONSTRAINT u_nnd UNIQUE NULLS NOT DISTINCT (code, other), CONSTRAINT u_def UNIQUE (other) DEFERRABLE INITIALLY DEFERRED, CONSTRAINT chk CHECK (id > 0) NO INHERIT, CHECK (tenant > 0), CONSTRAINT u_plain UNIQUE (id));
INSERT INTO parent SELECT i, 1 + i % 3, 'c' || i, i FROM generate_series(1, 60) i;
CREATE TABLE child (id int PRIMARY KEY, tenant int, pid int, o int CONSTRAINT to_outside REFERENCES outside, note text,
  CONSTRAINT to_parent FOREIGN KEY (tenant, pid) REFERENCES parent (tenant, id) MATCH FULL ON UPDATE CASCADE ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT to_parent2 FOREIGN KEY (tenant, pid) REFERENCES parent (tenant, id) ON DELETE SET NULL (pid));
INSERT INTO child SELECT i, 1 + i % 3, i, 1 + i % 10, 'n' FROM generate_series(1, 50) i;
UPDATE child SET o = 1 WHERE o > 10;
INSERT INTO child VALUES (1000, NULL, NULL, NULL, 'orphan');
COMMIT;
ALTER TABLE child ADD CONSTRAINT long_note CHECK (length(note) < 3) NOT VALID;
ALTER TABLE child ADD CONSTRAINT nv FOREIGN KEY (id) REFERENCES outside NOT VALID;
ALTER TABLE child ADD CONSTRAINT nv_in FOREIGN KEY (id) REFERENCES parent (id) NOT VALID;
CREATE INDEX child_o ON child (o); CREATE INDEX child_part ON child (lower(note), id DESC NULLS LAST) INCLUDE (o) WITH (fillfactor = 60) WHERE o IS NOT NULL;
CREATE UNIQUE INDEX child_ops ON child (note text_pattern_ops, id); CREATE INDEX child_hash ON child USING hash (note); CREATE INDEX child_brin ON child USING brin (id) WITH (pages_per_range = 32);
CREATE INDEX child_expr ON child ((id % 7), (note || 'x')); ALTER INDEX child_expr ALTER COLUMN 2 SET STATISTICS 77;
ALTER TABLE child CLUSTER ON child_o; ALTER TABLE parent REPLICA IDENTITY USING INDEX parent_pk; ALTER TABLE child REPLICA IDENTITY FULL;
COMMENT ON CONSTRAINT to_parent ON child IS 'its parent'; COMMENT ON INDEX child_expr IS 'an index'; COMMENT ON COLUMN child.o IS 'had a comment'; COMMENT ON TABLE child IS E'multi\nline ''quoted''';
CREATE TABLE self (id int PRIMARY KEY, up int REFERENCES self DEFERRABLE, CHECK (id <> up)); INSERT INTO self VALUES (1, NULL), (2, 1), (3, 2), (4, 4 - 1);
CREATE TABLE ex (room int, during tsrange, CONSTRAINT no_overlap EXCLUDE USING gist (during WITH &&) WITH (fillfactor = 55) WHERE (room > 0) DEFERRABLE);
INSERT INTO ex SELECT i, tsrange(timestamp '2020-01-01' + i * interval '1 h', timestamp '2020-01-01' + (i + 1) * interval '1 h') FROM generate_series(1, 30) i;
CREATE STATISTICS st_ndistinct (ndistinct, mcv) ON tenant, pid FROM child; CREATE STATISTICS st_expr ON (id % 3), (lower(note)) FROM child; ALTER STATISTICS st_ndistinct SET STATISTICS 50; COMMENT ON STATISTICS st_expr IS 'guess';
