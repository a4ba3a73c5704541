import { foldText } from '../../../points/fold-text.ts'
import { toStored } from './text.ts'

/**
 * A regular expression, as a Flux literal, that matches every text in which the fold of `text` occurs, and maybe some
 * more: the answer is looked through again. Storage can search by it, which it cannot by functions. Undefined: no such
 * expression is known, or it would leave nothing out, and everything has to be looked through.
 *
 * Only letters and digits of the text get into the script; all else stands for any character, so that there is nothing
 * to escape.
 */
export const searchLiteral = (text: string): string | undefined => {
  const folded = foldText(text)
  if (!/[\p{L}\p{N}]/u.test(folded) || isBeyondFolding(folded)) return undefined
  return `/(?is)${Array.from(toStored(folded), pattern).join('')}/`
}

/** Two accents on one letter may stand in either order, and a dotted I becomes two characters in lower case. */
const isBeyondFolding = (folded: string): boolean =>
  /\p{M}{2}/u.test(folded.normalize('NFD')) || folded.includes('\u0307')

const pattern = (character: string): string => {
  if (!/^[\p{L}\p{N}]$/u.test(character)) return '.'
  const apart = Array.from(character.normalize('NFD'))
  return apart.length === 1
    ? character
    : `(?:${character}|${apart.map((one) => (/^[\p{L}\p{N}]$/u.test(one) ? one : '.')).join('')})`
}
