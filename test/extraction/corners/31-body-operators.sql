-- tables: words
-- nothing but the bodies of functions needs pg_trgm and intarray, nothing at all needs hstore and btree_gist
CREATE SCHEMA ext; CREATE EXTENSION pg_trgm SCHEMA ext; CREATE EXTENSION intarray; CREATE EXTENSION btree_gist; CREATE EXTENSION hstore;
CREATE FUNCTION shout_eq(text, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT upper($1) = upper($2)';
CREATE OPERATOR === (FUNCTION = shout_eq, LEFTARG = text, RIGHTARG = text);
CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
CREATE OPERATOR !! (FUNCTION = twice, RIGHTARG = int);
CREATE TYPE pair AS (a int, b int);
CREATE FUNCTION pair_add(pair, pair) RETURNS pair LANGUAGE sql IMMUTABLE AS 'SELECT ROW(!! $1.a + $2.a, $1.b + $2.b)::public.pair';
CREATE OPERATOR + (FUNCTION = pair_add, LEFTARG = pair, RIGHTARG = pair);
-- a type that stays, whose operator has the name of one in a body
CREATE TYPE alien AS (x int); CREATE FUNCTION alien_add(alien, alien) RETURNS alien LANGUAGE sql IMMUTABLE AS 'SELECT $1'; CREATE OPERATOR + (FUNCTION = alien_add, LEFTARG = alien, RIGHTARG = alien);
CREATE TABLE words (w text, n int[], p pair, d int);
CREATE FUNCTION words_check() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM words x WHERE x.w OPERATOR(ext.%) NEW.w) OR NEW.w === 'x' THEN NEW.d := 1; END IF;
  IF NEW.n # 1 = 1 THEN NEW.d := 2; END IF;
  IF NEW.d % 2 = 0 THEN NEW.p := NEW.p + NEW.p; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER words_check BEFORE INSERT OR UPDATE ON words FOR EACH ROW EXECUTE FUNCTION words_check();
INSERT INTO words VALUES ('hello', '{1}', ROW(1, 2), 4), ('hellp', '{2}', ROW(3, 4), 5);
