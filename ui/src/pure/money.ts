/** `1,200 EUR`; null: nobody can tell. */
export function moneyText(amount: number | null, currency: string | null): string {
  if (amount === null) return 'worth unknown';
  if (amount === 0) return 'no money';
  const number = amount.toLocaleString('en-GB', { maximumFractionDigits: 2 });
  return currency === null ? number : `${number} ${currency}`;
}

export const recordsText = (count: number): string =>
  `${count.toLocaleString('en-GB')} ${count === 1 ? 'record' : 'records'}`;
