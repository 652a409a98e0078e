/** `Opportunity` -> `"Opportunity"`. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** `it's` -> `'it''s'`. */
export const quoteText = (text: string): string => `'${text.replaceAll("'", "''")}'`;
