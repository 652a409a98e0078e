const many = (count: number, one: string, between: string): string =>
  Array.from({ length: count }, () => one).join(between);

/** Work, memory or text without end. */
export const loads: Readonly<Record<string, readonly string[]>> = {
  huge_inputs: [
    `select '${'x'.repeat(200_000)}'`,
    `select ${many(5_000, '1', ',')}`,
    `select ${'('.repeat(2_000)}1${')'.repeat(2_000)}`,
    `select 1 where ${many(3_000, '1 = 1', ' and ')}`,
    `select name from account where name in (${many(20_000, "'a'", ',')})`,
    many(400, 'select name from account', ' union all '),
    `select ${'-'.repeat(1)}${'9'.repeat(5_000)}`,
    `select ${many(500, 'not', ' ')} true`,
    `select 1e${'9'.repeat(400)}`,
    `select ${many(3_000, 'case when true then 1 else ', '')}1${many(3_000, ' end', '')}`,
  ],
  regular_expression_bombs: [
    `select regexp_matches(notes, '(a+)+$') from account order by 1`,
    `select regexp_matches(notes, '(((((a{1,50}){1,50}){1,50}){1,50}){1,50})') from account`,
    `select regexp_replace(name, '.', '${'y'.repeat(5_000)}', 'g') from account`,
    `select regexp_extract_all(name, '.*.*.*.*.*.*.*.*x') from account`,
    `select regexp_matches(name, name) from account`,
    `select name like '${'%a'.repeat(500)}' from account`,
    `select regexp_full_match(name, '(.*)*(.*)*(.*)*(.*)*(.*)*$') from account order by 1`,
    `select regexp_matches(name, '(?:(?:(?:a?){500}){500})') from account`,
    `select string_split_regex(notes, '(x+x+)+y') from account`,
    `select regexp_matches(name, '[[:alpha:]{') from account`,
  ],
  growth: [
    `select repeat(name, 1000000000) from account`,
    `select lpad('x', 2000000000, 'y')`,
    `select ${many(5, 'replace(', '')}name${many(5, `, 'e', 'eeeeeeeeee')`, '')} from account`,
    `select string_agg(a.name || b.name || c.name, '') from account a, account b, account c, deal d, deal e, deal f`,
    `with a as (select name || name as x from account), b as (select x || x as x from a), c as (select x || x as x from b), d as (select x || x as x from c), e as (select x || x || x || x as x from d) select x || x from e`,
    `select list_value(${many(500, 'name', ',')}) from account`,
    `select array_agg(a.name) over () from account a, account b, account c, account d, account e, account f`,
    `select concat(${many(300, 'name', ',')}) from account`,
  ],
  endless_work: [
    `select count(*) from deal a, deal b, deal c, deal d, deal e, deal f, deal g, deal h, deal i, deal j, deal k, deal l where a.name || b.name || c.name || d.name || e.name || f.name || g.name || h.name || i.name || j.name || k.name || l.name = ''`,
    `select * from range(1000000000000)`,
    `select unnest(range(1000000000))`,
    `select * from generate_series(1, 1000000000000)`,
    `select count(*) from ticket a, ticket b, ticket c, ticket d, ticket e, ticket f, ticket g, ticket h, ticket i, ticket j, ticket k, ticket l, ticket m, ticket n, ticket o where a.subject < o.subject`,
    `select sleep_ms(1000000)`,
    `select levenshtein(a.notes, b.notes) from account a, account b`,
    `select max(x) from (select row_number() over (order by a.name, b.name, c.name) as x from deal a, deal b, deal c, deal d, deal e, deal f, deal g, deal h, deal i, deal j)`,
  ],
};
