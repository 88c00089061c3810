-- tables: accounts, statuses, ord
CREATE OR REPLACE FUNCTION timestamp_id(table_name text) RETURNS bigint AS $$
  DECLARE
    time_part bigint;
    sequence_base bigint;
    tail bigint;
  BEGIN
    time_part := ((date_part('epoch', now()) * 1000))::bigint << 16;
    sequence_base := ('x' || substr(md5(table_name || '6a1d0a2c0b4b61d1a5e0e0c64bd1c9ee' || time_part::text), 1, 4))::bit(16)::bigint;
    tail := ((sequence_base + nextval(table_name || '_id_seq')) & 65535);
    RETURN time_part | tail;
  END
$$ LANGUAGE plpgsql VOLATILE;
CREATE SEQUENCE accounts_id_seq; CREATE SEQUENCE statuses_id_seq; CREATE SEQUENCE media_attachments_id_seq START 100;
CREATE TABLE accounts (id bigint DEFAULT timestamp_id('accounts'::text) PRIMARY KEY, username varchar DEFAULT '' NOT NULL, domain varchar, private_key text, created_at timestamp(6) without time zone NOT NULL DEFAULT now(), fields jsonb, also_known_as varchar[]);
CREATE TABLE statuses (id bigint DEFAULT timestamp_id('statuses'::text) PRIMARY KEY, uri varchar, text text DEFAULT '' NOT NULL, in_reply_to_id bigint, reblog_of_id bigint, account_id bigint NOT NULL, visibility int DEFAULT 0 NOT NULL, deleted_at timestamp, edited_at timestamp, ordered_media_attachment_ids bigint[]);
CREATE TABLE status_stats (id bigserial PRIMARY KEY, status_id bigint NOT NULL); CREATE TABLE follows (id bigserial PRIMARY KEY, account_id bigint NOT NULL, target_account_id bigint NOT NULL, languages varchar[]);
ALTER TABLE statuses ADD CONSTRAINT fk_9bda1543f7 FOREIGN KEY (account_id) REFERENCES accounts ON DELETE CASCADE, ADD CONSTRAINT fk_rails_94a6f70399 FOREIGN KEY (in_reply_to_id) REFERENCES statuses ON DELETE SET NULL, ADD CONSTRAINT fk_rails_256483a9ab FOREIGN KEY (reblog_of_id) REFERENCES statuses ON DELETE CASCADE;

CREATE UNIQUE INDEX index_accounts_on_username_and_domain_lower ON accounts USING btree (lower((username)::text), COALESCE(lower((domain)::text), ''::text)); CREATE INDEX ix_st ON statuses USING btree (account_id, id DESC, visibility, (edited_at IS NULL)) WHERE (deleted_at IS NULL);
CREATE MATERIALIZED VIEW account_summaries AS SELECT accounts.id AS account_id, mode() WITHIN GROUP (ORDER BY t0.visibility) AS v FROM accounts CROSS JOIN LATERAL (SELECT s.account_id, s.visibility FROM statuses s WHERE s.account_id = accounts.id AND s.deleted_at IS NULL ORDER BY s.id DESC LIMIT 20) t0 GROUP BY accounts.id WITH NO DATA; CREATE UNIQUE INDEX ON account_summaries (account_id);
CREATE MATERIALIZED VIEW instances AS WITH domain_counts(domain, accounts_count) AS (SELECT domain, COUNT(*) FROM accounts WHERE domain IS NOT NULL GROUP BY domain) SELECT domain, accounts_count FROM domain_counts;
INSERT INTO accounts (username) SELECT 'u' || i FROM generate_series(1,30) i; INSERT INTO statuses (account_id, text) SELECT id, 'hi' FROM accounts; REFRESH MATERIALIZED VIEW account_summaries;
CREATE SEQUENCE ord_seq START 1000; CREATE TABLE ord (id bigint PRIMARY KEY); CREATE FUNCTION t() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.id := nextval('public.' || TG_TABLE_NAME || '_seq'); RETURN NEW; END $$; CREATE TRIGGER t BEFORE INSERT ON ord FOR EACH ROW EXECUTE FUNCTION t();
