/** The languages whose word endings are known. Words of others are found as they are written. */
export const LANGUAGES = ["english", "german"] as const;
export type Language = (typeof LANGUAGES)[number];

/** Words without which hardly a sentence of the language goes, and which the other one has not. */
const FREQUENT: Readonly<Record<Language, readonly string[]>> = {
  english: ["the", "and", "of", "to", "is", "are", "for", "with", "that", "this", "it", "be", "not", "from", "or"],
  german: [
    "der",
    "die",
    "das",
    "und",
    "ist",
    "sind",
    "nicht",
    "ein",
    "eine",
    "mit",
    "für",
    "auf",
    "von",
    "den",
    "dem",
    "des",
    "zu",
    "wird",
    "werden",
    "oder",
  ],
};

/** Whether a word is one of the small words of a language. */
export function isSmallWord(word: string, language: Language): boolean {
  return FREQUENT[language].includes(word);
}

/**
 * The language of a text, told by its small words.
 * @param count how often a word is in it, in lower case
 * @returns `english` where nothing speaks for another one
 */
export function languageOf(count: (word: string) => number): Language {
  const seen = (language: Language) => FREQUENT[language].reduce((sum, word) => sum + count(word), 0);
  return seen("german") > seen("english") ? "german" : "english";
}
