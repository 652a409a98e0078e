/**
 * The units that mappings convert between. A quantity in a unit is
 * `(number + offset) * factor` of its dimension's smallest unit here, which is
 * chosen so that most factors are whole numbers. Inches, pounds and gallons
 * are the international and US customary ones (NIST Handbook 44, appendix C).
 */
export interface Unit {
  readonly name: string;
  readonly dimension: Dimension;
  readonly factor: number;
  readonly offset: number;
  /** Other ways in which texts write it. */
  readonly spellings: readonly string[];
}

export type Dimension = 'length' | 'mass' | 'time' | 'data size' | 'area' | 'volume' | 'temperature';

const unit =
  (dimension: Dimension) =>
  (name: string, factor: number, spellings: readonly string[] = [], offset = 0): Unit => ({
    name,
    dimension,
    factor,
    offset,
    spellings,
  });

/** In tenths of a millimetre. */
const length = unit('length');
/** In milligrams. */
const mass = unit('mass');
/** In milliseconds. */
const time = unit('time');
/** In bits. */
const data = unit('data size');
/** In hundredths of a square millimetre. */
const area = unit('area');
/** In millilitres. */
const volume = unit('volume');
/** In ninths of a degree Celsius. */
const temperature = unit('temperature');

const all: readonly Unit[] = [
  length('mm', 10, ['millimetre', 'millimetres', 'millimeter', 'millimeters']),
  length('cm', 100, ['centimetre', 'centimetres', 'centimeter', 'centimeters']),
  length('m', 10_000, ['metre', 'metres', 'meter', 'meters']),
  length('km', 10_000_000, ['kilometre', 'kilometres', 'kilometer', 'kilometers']),
  length('in', 254, ['inch', 'inches', '"']),
  length('ft', 3048, ['foot', 'feet']),
  length('yd', 9144, ['yard', 'yards']),
  length('mi', 16_093_440, ['mile', 'miles']),
  mass('mg', 1, ['milligram', 'milligrams']),
  mass('g', 1000, ['gram', 'grams']),
  mass('kg', 1_000_000, ['kilogram', 'kilograms', 'kgs']),
  mass('t', 1_000_000_000, ['tonne', 'tonnes']),
  mass('oz', 28_349.523125, ['ounce', 'ounces']),
  mass('lb', 453_592.37, ['lbs', 'pound', 'pounds']),
  time('ms', 1, ['millisecond', 'milliseconds']),
  time('s', 1000, ['sec', 'secs', 'second', 'seconds']),
  time('min', 60_000, ['mins', 'minute', 'minutes']),
  time('h', 3_600_000, ['hr', 'hrs', 'hour', 'hours']),
  time('d', 86_400_000, ['day', 'days']),
  time('wk', 604_800_000, ['week', 'weeks']),
  data('bit', 1, ['bits']),
  data('B', 8, ['byte', 'bytes']),
  data('kB', 8e3, ['KB']),
  data('MB', 8e6),
  data('GB', 8e9),
  data('TB', 8e12),
  data('KiB', 8 * 1024),
  data('MiB', 8 * 1024 ** 2),
  data('GiB', 8 * 1024 ** 3),
  data('TiB', 8 * 1024 ** 4),
  area('mm2', 100, ['mm²']),
  area('cm2', 10_000, ['cm²']),
  area('m2', 100_000_000, ['m²', 'sqm']),
  area('ha', 1e12, ['hectare', 'hectares']),
  area('km2', 1e14, ['km²']),
  area('ft2', 3048 ** 2, ['ft²', 'sqft']),
  area('ac', 3048 ** 2 * 43_560, ['acre', 'acres']),
  volume('ml', 1, ['mL', 'cm³', 'millilitre', 'millilitres', 'milliliter', 'milliliters']),
  volume('l', 1000, ['L', 'litre', 'litres', 'liter', 'liters']),
  volume('m3', 1_000_000, ['m³']),
  volume('gal', 3785.411784, ['gallon', 'gallons']),
  temperature('C', 9, ['°C', 'celsius']),
  temperature('F', 5, ['°F', 'fahrenheit'], -32),
  temperature('K', 9, ['kelvin'], -273.15),
];

export const units: ReadonlyMap<string, Unit> = new Map(all.map((each) => [each.name, each]));

/** All units of one dimension. */
export const unitsOf = (dimension: Dimension): Unit[] => all.filter((each) => each.dimension === dimension);
