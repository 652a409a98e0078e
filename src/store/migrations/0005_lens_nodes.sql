-- Processes that hold lens files and answer for them. Directory: the same for all tenants.
create table lens_node (
  id text primary key,
  url text not null,
  role text not null,
  until timestamptz not null
);
grant select on lens_node to gantry_app;

-- Which process answers for a tenant. Good as long as that process gives signs of life, so nothing here is renewed.
create table lens_lease (
  tenant int primary key,
  node text not null,
  at timestamptz not null
);
alter table lens_lease enable row level security;
alter table lens_lease force row level security;
create policy own_tenant on lens_lease
  using (tenant = (select nullif(current_setting('gantry.tenant', true), '')::int));
grant select, insert, update, delete on lens_lease to gantry_app;
