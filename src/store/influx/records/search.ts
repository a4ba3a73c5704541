import { foldText } from '../../../points/fold-text.ts'
import { toStored } from './text.ts'

/*
 * Storage can search by regular expressions, which it cannot by functions. Those here match every text that is looked
 * for and maybe some more, since the answer is looked through again. Of a text only characters that mean nothing in
 * such an expression get into the script; all else stands for any character, so that there is nothing to escape.
 */

/** Finds folded texts that hold a text, quickly. Undefined: it would leave nothing out. */
export const foldedLiteral = (text: string): string | undefined => {
  const parts = Array.from(toStored(foldText(text)), (one) => (isPlain(one) ? one : '.'))
  const pattern = fixed(parts)
  return pattern === undefined ? undefined : `/(?s)${pattern}/`
}

const isPlain = (character: string): boolean => /^[\p{L}\p{N} _=:;,<>!@#%&~'"-]$/u.test(character)

/** Finds texts that are not folded. Undefined: no such expression is known, or it would leave nothing out. */
export const searchLiteral = (text: string): string | undefined => {
  const pattern = searchPattern(text)
  return pattern === undefined ? undefined : `/(?is)${pattern}/`
}

/** What stands between the slashes, without flags. */
export const searchPattern = (text: string): string | undefined => {
  const characters = Array.from(toStored(foldText(text)))
  const parts = characters.map((one, place) => partFor(one, characters[place + 1]))
  return fixed(parts)
}

/** What may be anything at the ends only makes the search slower. */
const fixed = (parts: readonly string[]): string | undefined => {
  const first = parts.findIndex(isFixed)
  return first < 0 ? undefined : parts.slice(first, parts.findLastIndex(isFixed) + 1).join('')
}

const isFixed = (part: string): boolean => !part.startsWith('.')

const partFor = (character: string, next: string | undefined): string => {
  // accents may be put together with the letter before them, or stand in another order
  if (isMark(character)) return '.?'
  const most = Array.from(character.normalize('NFD')).length
  if (next !== undefined && isMark(next)) return most === 1 ? '.' : `.{1,${most}}`
  if (!isSteady(character)) return most === 1 ? '.' : `.{1,${most}}`
  if (!/^[\p{L}\p{N}]$/u.test(character)) return '.'
  // the dotted capital I becomes an i and a dot
  return character === 'i' && next === undefined ? '(?:i|\u0130)' : character
}

const isMark = (character: string): boolean => /\p{M}/u.test(character)

/** The blocks whose pairs of letters are known to every version of Unicode that is still about. */
const OLD_LETTERS_END = '\u0530'

/** Whether a character in a fold is there because of itself or its capital, whatever stands beside it. */
const isSteady = (character: string): boolean => {
  if (/[\p{C}\p{Z}\p{M}]/u.test(character) && character !== ' ') return false
  if (character.normalize('NFD') !== character || isStoodFor(character)) return false
  const capital = character.toUpperCase()
  if (capital === character) return character.toLowerCase() === character
  return (
    character < OLD_LETTERS_END &&
    // both sigmas are one
    character !== 'σ' &&
    Array.from(capital).length === 1 &&
    capital.toLowerCase() === character
  )
}

/** Where characters are that stand for others: Greek and signs, letters of India, ideographs that are there twice. */
const DOUBLES = [
  [0x0340, 0x0fff],
  [0x1f00, 0x2aff],
  [0xf900, 0xfb4f],
  [0x1d15e, 0x1d1c0],
  [0x2f800, 0x2fa1f],
] as const

let stoodFor: ReadonlySet<string> | undefined

/** Whether some other character becomes this one when a text is folded, and not in lower case alone. */
const isStoodFor = (character: string): boolean => {
  stoodFor ??= new Set(
    DOUBLES.flatMap(([first, last]) =>
      Array.from({ length: last - first + 1 }, (_, i) => String.fromCodePoint(first + i)),
    ).flatMap((one) => {
      const folded = foldText(one)
      return folded === one.toLowerCase() ? [] : Array.from(folded)
    }),
  )
  return stoodFor.has(character)
}
