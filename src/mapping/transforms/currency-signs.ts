/** Signs that people write for amounts, with the ISO 4217 codes that each may mean. */
export const currencySigns: ReadonlyMap<string, readonly string[]> = new Map([
  ['€', ['EUR']],
  ['£', ['GBP']],
  ['¥', ['JPY', 'CNY']],
  ['₹', ['INR']],
  ['₺', ['TRY']],
  ['₩', ['KRW']],
  ['zł', ['PLN']],
  ['Kč', ['CZK']],
  ['kr', ['SEK', 'NOK', 'DKK']],
  ['R$', ['BRL']],
  ['US$', ['USD']],
  ['$', ['USD', 'CAD', 'AUD', 'NZD', 'SGD', 'HKD', 'MXN']],
]);
