-- tables: sec.docs
-- roles: corner_owner, "corner Reader", corner_writer
CREATE SCHEMA sec AUTHORIZATION corner_owner; GRANT USAGE ON SCHEMA sec TO "corner Reader", PUBLIC; COMMENT ON SCHEMA sec IS 'secure';
ALTER DEFAULT PRIVILEGES FOR ROLE corner_owner IN SCHEMA sec GRANT SELECT ON TABLES TO "corner Reader";
CREATE TABLE sec.docs (id serial PRIMARY KEY, who text, secret text, body text); ALTER TABLE sec.docs OWNER TO corner_owner;
CREATE TYPE sec.kind AS ENUM ('x'); ALTER TYPE sec.kind OWNER TO corner_owner; REVOKE ALL ON TYPE sec.kind FROM PUBLIC; GRANT USAGE ON TYPE sec.kind TO corner_writer; ALTER TABLE sec.docs ADD k sec.kind DEFAULT 'x';
GRANT SELECT (id, who), UPDATE (who) ON sec.docs TO "corner Reader"; GRANT SELECT, INSERT ON sec.docs TO corner_writer WITH GRANT OPTION; GRANT SELECT ON sec.docs TO PUBLIC; REVOKE TRUNCATE ON sec.docs FROM corner_owner;
SET SESSION AUTHORIZATION corner_writer; GRANT SELECT ON sec.docs TO "corner Reader"; RESET SESSION AUTHORIZATION;
GRANT USAGE ON SEQUENCE sec.docs_id_seq TO corner_writer;
CREATE FUNCTION sec.me() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS 'SELECT current_user::text'; ALTER FUNCTION sec.me() OWNER TO corner_owner; REVOKE ALL ON FUNCTION sec.me() FROM PUBLIC; GRANT EXECUTE ON FUNCTION sec.me() TO corner_writer;
ALTER TABLE sec.docs ENABLE ROW LEVEL SECURITY; ALTER TABLE sec.docs FORCE ROW LEVEL SECURITY;
CREATE POLICY p_all ON sec.docs USING (who = sec.me()) WITH CHECK (who IS NOT NULL); CREATE POLICY "p Restrict" ON sec.docs AS RESTRICTIVE FOR SELECT TO "corner Reader", corner_writer USING (secret IS NULL OR id IN (SELECT d.id FROM sec.docs d)); CREATE POLICY p_ins ON sec.docs FOR INSERT TO corner_writer WITH CHECK (true); COMMENT ON POLICY p_all ON sec.docs IS 'policy';
CREATE VIEW sec.v AS SELECT id FROM sec.docs; ALTER VIEW sec.v OWNER TO corner_owner; GRANT SELECT ON sec.v TO PUBLIC;
INSERT INTO sec.docs (who, secret, body) SELECT 'w' || i, NULL, 'b' FROM generate_series(1, 40) i;
