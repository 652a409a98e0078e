-- What an identity provider said of an operator in the newest token that came: whether whoever decided by a token may
-- still decide is looked up when what they decided is carried out. Directory.
create table operator_token (
  -- Lower case, as `approval.decider`.
  name text not null,
  issuer text not null,
  -- One of ours; null: none.
  role text,
  issued_at timestamptz not null,
  primary key (name, issuer)
);
create index operator_token_age on operator_token (issued_at);
grant select on operator_token to gantry_app;
grant select (name, before) on operator_cutoff to gantry_app;

-- The links of an approval go with it.
grant delete on approval_link to gantry_app;

-- By which token somebody decided, or broke the glass: {"issuer", "issuedAt"}; null: by a key of ours.
alter table approval add column decider_token jsonb;
alter table approval_case add column glass_token jsonb;
