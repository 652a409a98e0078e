-- What waits for people: one round per payload of a plan. Another payload, or other values before it, is another round.
create table approval_case (
  tenant int not null,
  plan text not null,
  round int not null,
  -- src/approvals' own.
  state text not null,
  payload_hash text not null,
  policy_version text not null,
  agent text not null,
  principal text,
  operator text,
  accountable text,
  title text not null,
  -- The agent's own words.
  reason text,
  -- What people are shown, made of the payload.
  shown jsonb not null,
  amount double precision,
  currency text,
  records int not null,
  -- Opened once the approvals are there.
  review jsonb,
  asked_at timestamptz not null,
  ended_at timestamptz,
  glass_by text,
  glass_reason text,
  primary key (tenant, plan, round)
);
create unique index approval_case_open on approval_case (tenant, plan) where state = 'open';

-- One human's decision that is needed, or a review afterwards.
create table approval (
  tenant int not null,
  id int not null,
  plan text not null,
  round int not null,
  need text not null,
  kind text not null,
  state text not null,
  -- Null: any approver.
  from_names text[],
  escalate_to text[] not null,
  -- Who may not: who asked, and those whom the rule keeps out. Lower case, as `decider`.
  barred text[] not null,
  asked_at timestamptz not null,
  remind_at timestamptz not null,
  due_at timestamptz not null,
  -- Null: it does not expire (reviews).
  expires_at timestamptz,
  decider text,
  -- Whose part the decider took, where it was delegated.
  on_behalf_of text,
  -- `key`: an operator's own, whose role can be looked up again; `token`: an identity provider's.
  decider_by text,
  decided_in text,
  decided_at timestamptz,
  reason text,
  primary key (tenant, id),
  unique (tenant, plan, round, need),
  foreign key (tenant, plan, round) references approval_case (tenant, plan, round) on delete cascade,
  constraint approval_own_request check (decider is null or not (decider = any (barred))),
  constraint approval_decider_lower check (decider is null or decider = lower(decider))
);
-- Two that are asked for are two humans.
create unique index approval_one_human on approval (tenant, plan, round, decider) where decider is not null;
create index approval_present on approval (tenant, kind, due_at) where decided_at is null;

-- One message to one recipient about one approval. Its key makes it one, however many processes look.
create table approval_notice (
  tenant int not null,
  approval int not null,
  kind text not null,
  -- `route:<name>` or `person:<name>`.
  recipient text not null,
  state text not null,
  attempts int not null default 0,
  due_at timestamptz not null,
  cause text,
  created_at timestamptz not null,
  ended_at timestamptz,
  primary key (tenant, approval, kind, recipient),
  foreign key (tenant, approval) references approval (tenant, id) on delete cascade
);
create index approval_notice_due on approval_notice (tenant, due_at) where state = 'due';

-- What was accepted, for sums over time: one row per plan, and one more per model of it.
create table policy_spent (
  tenant int not null,
  plan text not null,
  -- Empty: the whole plan.
  model text not null,
  agent text not null,
  principal text,
  amount double precision not null,
  records int not null,
  at timestamptz not null,
  primary key (tenant, plan, model)
);
create index policy_spent_at on policy_spent (tenant, model, at);

-- Held while a plan is accepted: of two at once, the second one counts the first one's amount.
create table policy_spending (
  tenant int not null,
  accepted bigint not null,
  primary key (tenant)
);

do $$
declare
  name text;
begin
  foreach name in array array['approval_case', 'approval', 'approval_notice', 'policy_spent', 'policy_spending'] loop
    execute format('alter table %I enable row level security', name);
    execute format('alter table %I force row level security', name);
    execute format(
      'create policy own_tenant on %I using (tenant = (select nullif(current_setting(''gantry.tenant'', true), '''')::int))',
      name
    );
    execute format('grant select, insert, update, delete on %I to gantry_app', name);
  end loop;
end $$;

-- Directory: in which tenant something is due, and which process looks after it.
create table approval_turn (
  tenant int primary key,
  due_at timestamptz not null,
  lease_by text,
  lease_until timestamptz
);
create index approval_turn_due on approval_turn (due_at);
grant select, insert, update, delete on approval_turn to gantry_app;

-- Directory: lets its holder decide once, as the person it was sent to. Only the hash of the token is kept.
create table approval_link (
  hash bytea primary key,
  tenant int not null references tenant (id) on delete cascade,
  approval int not null,
  person text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
create index approval_link_ended on approval_link (expires_at);
-- Spent in the transaction of the decision.
grant select, update on approval_link to gantry_app;

-- Directory: who decides in whose place, for a while. Operators are the installation's.
create table approval_delegation (
  id int primary key generated always as identity,
  name text not null,
  to_name text not null,
  since timestamptz not null,
  until timestamptz not null,
  created_by text not null,
  created_at timestamptz not null,
  ended_at timestamptz
);
create index approval_delegation_present on approval_delegation (to_name, until) where ended_at is null;
grant select on approval_delegation to gantry_app;

-- Whether whoever decided may still decide is looked up when it is carried out. Never the keys.
grant select (name, role, expires_at, removed_at) on operator to gantry_app;
