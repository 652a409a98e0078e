/**
 * The functions that agents' SQL may call. Not here: whatever reads files,
 * settings or the engine's own state, has side effects, waits, takes SQL as
 * text, builds huge texts from small ones, or runs long without letting itself
 * be interrupted.
 */
const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');

/** May be called with anything. */
const free: ReadonlySet<string> = new Set(
  words(`
    + - * / // % || = != <> < <= > >= and or not
    lower upper trim ltrim rtrim length len strlen char_length character_length contains starts_with prefix suffix
    ends_with substring substr left right strpos instr position concat concat_ws reverse split_part
    abs ceil ceiling floor round trunc sign sqrt exp ln log log10 log2 pow power mod greatest least
    isnan isfinite nullif ifnull if coalesce
    date_trunc datetrunc date_part datepart date_diff datediff date_sub datesub date_add
    year month day quarter week weekofyear yearweek isoyear isodow dayofweek weekday dayofmonth dayofyear
    hour minute second epoch last_day monthname dayname age
    to_years to_months to_weeks to_days to_hours to_minutes to_seconds to_quarters
    now today current_date get_current_timestamp
    list_contains array_contains list_has array_has list_has_any list_has_all array_length list_value
    unnest json_array_length
  `),
);

/** Aggregates; most of them also work as window functions. */
export const aggregateFunctions: ReadonlySet<string> = new Set(
  words(`
    count count_star sum avg mean min max median mode stddev stddev_samp stddev_pop variance var_samp var_pop corr
    quantile_cont quantile_disc approx_count_distinct bool_and bool_or count_if countif any_value first last arbitrary
    arg_min arg_max min_by max_by string_agg group_concat listagg array_agg list sum_no_overflow fsum
  `),
);

export const windowFunctions: ReadonlySet<string> = new Set(
  words('row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value'),
);

/** LIKE as the parser calls it. */
export const likeFunctions: ReadonlySet<string> = new Set(
  words('~~ !~~ ~~* !~~* like_escape not_like_escape ilike_escape not_ilike_escape'),
);

/** By position, the arguments that must be written out: patterns and paths, which fail on odd values. */
const fixedArguments: ReadonlyMap<string, readonly number[]> = new Map([
  ['regexp_matches', [1, 2]],
  ['regexp_full_match', [1, 2]],
  ['regexp_extract', [1, 2, 3]],
  ['regexp_replace', [1, 2, 3]],
  ['~~', [1]],
  ['!~~', [1]],
  ['~~*', [1]],
  ['!~~*', [1]],
  ['like_escape', [1, 2]],
  ['not_like_escape', [1, 2]],
  ['ilike_escape', [1, 2]],
  ['not_ilike_escape', [1, 2]],
  ['strftime', [1]],
  ['json_extract', [1]],
  ['json_extract_string', [1]],
  ['->>', [1]],
  ['array_to_string', [1]],
  ['replace', [1, 2]],
  ['lpad', [1, 2]],
  ['rpad', [1, 2]],
  ['quantile_cont', [1]],
  ['quantile_disc', [1]],
  ['date_trunc', [0]],
  ['datetrunc', [0]],
  ['date_part', [0]],
  ['datepart', [0]],
  ['date_diff', [0]],
  ['datediff', [0]],
  ['date_sub', [0]],
  ['datesub', [0]],
  ['ntile', [0]],
  ['nth_value', [1]],
]);

export const isAllowedFunction = (name: string): boolean =>
  free.has(name) || aggregateFunctions.has(name) || fixedArguments.has(name);

export const mustBeConstant = (name: string, position: number): boolean =>
  fixedArguments.get(name)?.includes(position) === true;

export const functionNames = (): string[] =>
  [...free, ...aggregateFunctions, ...windowFunctions, ...fixedArguments.keys()].filter((name) => /^[a-z]/.test(name));

/** Written like columns, but functions of the engine; these tell nothing but the time. */
export const columnLikeFunctions: ReadonlySet<string> = new Set(['current_date', 'current_timestamp']);

/** Results that are no longer an amount of money. */
export const countingFunctions: ReadonlySet<string> = new Set(
  words('count count_star approx_count_distinct count_if countif'),
);

/** By name, the argument whose kind of value the result has. */
export const kindFrom: ReadonlyMap<string, number> = new Map([
  ...words('min max any_value first last arbitrary mode median arg_min arg_max min_by max_by lag lead').map(
    (name) => [name, 0] as const,
  ),
  ...words('first_value last_value nth_value sum avg abs round ifnull nullif last_day').map(
    (name) => [name, 0] as const,
  ),
  ['date_trunc', 1],
  ['datetrunc', 1],
]);

/** Aggregates that keep or pick values as they are. */
const keepingFunctions: ReadonlySet<string> = new Set(
  words('any_value first last arbitrary string_agg group_concat listagg array_agg list'),
);

/** Make one amount of those of several rows, or compare them. */
export const isCombining = (name: string): boolean =>
  aggregateFunctions.has(name) && !countingFunctions.has(name) && !keepingFunctions.has(name);

/** Bring several amounts together into one. */
export const addingFunctions: ReadonlySet<string> = new Set(words('+ - greatest least ifnull if'));
