/** Each language by its own name: whoever looks for it may read no other. */
export const LANGUAGE_NAMES = { ko: '한국어', en: 'English' } as const
