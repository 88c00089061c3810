-- tables: base
CREATE TABLE base (id serial PRIMARY KEY, name text NOT NULL DEFAULT 'n', g int GENERATED ALWAYS AS (1 + 1) STORED, CONSTRAINT named CHECK (name <> ''), CHECK (id > 0) NO INHERIT);
CREATE TABLE mixin (tag text DEFAULT 'm', CONSTRAINT tagged CHECK (tag <> 'bad'));
CREATE TABLE kid (extra int, name text NOT NULL DEFAULT 'kid', CONSTRAINT own CHECK (extra >= 0)) INHERITS (base);
CREATE TABLE grandkid (more int DEFAULT 3) INHERITS (kid) WITH (fillfactor = 50);
ALTER TABLE kid ALTER id DROP DEFAULT; ALTER TABLE grandkid ALTER more SET STATISTICS 10; ALTER TABLE grandkid ALTER id SET DEFAULT 77;
ALTER TABLE ONLY kid ALTER name SET STORAGE EXTERNAL; CREATE INDEX kid_extra ON kid (extra); ALTER TABLE grandkid ADD PRIMARY KEY (id);
INSERT INTO base (name) SELECT 'b' || i FROM generate_series(1, 10) i; INSERT INTO kid (id, extra) SELECT i, i FROM generate_series(1, 20) i; INSERT INTO grandkid (id, extra) SELECT i, i FROM generate_series(1, 30) i;
ALTER TABLE base ADD COLUMN late text DEFAULT 'late';
