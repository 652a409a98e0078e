-- Directory: tokens of an operator, from whichever identity provider, that were issued before then are void.
create table operator_cutoff (
  name text primary key,
  before timestamptz not null,
  cut_by text not null
);
