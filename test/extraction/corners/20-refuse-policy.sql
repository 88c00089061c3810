-- tables: docs
-- refused: p_out ON public.docs
CREATE TABLE members (who text);
CREATE TABLE docs (id int PRIMARY KEY, who text);
ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
CREATE POLICY p_out ON docs USING (who IN (SELECT who FROM members));
