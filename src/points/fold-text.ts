/**
 * A text as searches compare it: without regard to case in every alphabet, and to how a letter with an accent is
 * put together. The final sigma is a sigma, since it depends on what stands beside it.
 */
export const foldText = (text: string): string =>
  text.normalize('NFC').toLowerCase().replaceAll('ς', 'σ')

/** Whether a text holds another one, which is folded already. */
export const containsFolded = (text: string, folded: string): boolean =>
  foldText(text).includes(folded)
