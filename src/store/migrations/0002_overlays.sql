-- What single tenants do differently, as numbered versions that never change. A directory table, like the revisions:
-- it holds what the product team wrote, nothing of the tenant's own, and is checked together with a revision.
create table overlay (
  tenant int not null references tenant (id) on delete cascade,
  version int not null,
  created_at timestamptz not null,
  author text not null,
  -- YAML as it was written; null where this version took the overlay away.
  content text,
  primary key (tenant, version)
);
