/** A field as its name and its label have it. */
export interface NamedField {
  readonly name: string;
  readonly label: string;
}

/**
 * Whether a text of the customer's names a hidden field, by name or by label: to repeat it would tell that there is one. A
 * word that only begins like a label counts, too, since many languages put endings to words. What names a shown
 * field as well, or a shown one whose name has a hidden one's within, tells nothing.
 */
export function namesField(
  hidden: readonly NamedField[],
  shown: readonly NamedField[],
): (text: string | null) => boolean {
  const known = phrasesOf(shown);
  const wanted = [...phrasesOf(hidden)].filter((phrase) => !known.has(phrase) && phrase.length >= PHRASE_CHARS_MIN);
  if (wanted.length === 0) return () => false;
  const longer = [...known]
    .filter((phrase) => wanted.some((each) => phrase.includes(each)))
    .toSorted((a, b) => b.length - a.length);
  return (text) => {
    const words = longer.reduce((rest, phrase) => rest.replaceAll(phrase, ' '), wordsIn(text ?? ''));
    return wanted.some((phrase) => words.includes(phrase));
  };
}

/** With the space before it; what is shorter begins half of all words. */
const PHRASE_CHARS_MIN = 4;

const phrasesOf = (fields: readonly NamedField[]): ReadonlySet<string> =>
  new Set(fields.flatMap(({ name, label }) => [wordsIn(name), wordsIn(label)]));

/** Lower-case words with a space before each. */
const wordsIn = (text: string): string =>
  (text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? []).map((word) => ` ${word}`).join('');
