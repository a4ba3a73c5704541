import { expect, it } from 'vitest'
import { containsFolded, foldText } from './fold-text.ts'

it.each([
  ['Connection Reset', 'connection reset'],
  ['СОЕДИНЕНИЕ разорвано', 'соединение РАЗОРВАНО'],
  ['Κλειστό ΛΑΘΟΣ', 'λάθος'.normalize('NFD').replaceAll('\u0301', '')],
  ['ΛΑΘΟΣ1', 'λαθος'],
  ['Cafe\u0301 au lait', 'CAFÉ'],
  ['ÄÖÜ straße', 'äöü STRAßE'],
  ['any', ''],
])('%j holds %j', (text, part) => {
  expect(containsFolded(text, foldText(part))).toBe(true)
})

it.each([
  ['Connection', 'connections'],
  ['é', 'e'],
  ['', 'a'],
])('%j does not hold %j', (text, part) => {
  expect(containsFolded(text, foldText(part))).toBe(false)
})
