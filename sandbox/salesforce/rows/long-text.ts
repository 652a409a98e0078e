import { hash32, hashText } from '../../kit/index.ts';

/** One record in so many has a long text. */
const ONE_IN = 25;
const BYTES_MIN = 1_000;
const BYTES_MAX = 100_000;

/** Lines as people paste them: quotes, separators, umlauts, mail heads, lines of nothing. */
const LINES = [
  'Von: Einkauf <einkauf@kunde.example>; An: "Vertrieb, Süd" <vertrieb@example.com>',
  'Wie besprochen: 12,5 % Nachlass auf die Module "Basis" und "Import", gültig bis 31.12.',
  '',
  'Der Kunde fragt, ob die Schnittstelle auch <XML> & JSON versteht; Antwort steht aus.',
  '\tPos. 1;Lizenz;24;1.290,00\t|\tPos. 2;Einführung;1;4.800,00',
  "Rückruf am Dienstag, `Projekt Brücke`, Stichwort: it's complicated ^_^",
];

/** A text of 1 kB to 100 kB (UTF-8) on some records, null on the others; the same one each time. */
export function longTextOf(seed: number, storage: string, row: number): string | null {
  const bits = hash32(seed, hashText(storage), row);
  if (bits % ONE_IN !== 0) return null;
  // Every fifth is as long as it can be.
  const draw = Math.floor(bits / ONE_IN);
  const wanted = draw % 5 === 0 ? BYTES_MAX : BYTES_MIN + (draw % (BYTES_MAX - BYTES_MIN));
  const lines: string[] = [];
  for (let bytes = 0, at = draw; bytes < wanted; at += 1) {
    const line = `${LINES[at % LINES.length] ?? ''}\n`;
    bytes += Buffer.byteLength(line);
    if (bytes <= wanted) lines.push(line);
  }
  return lines.join('');
}
