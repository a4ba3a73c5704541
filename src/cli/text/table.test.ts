import { expect, it } from 'vitest'
import { printable, table } from './table.ts'

it('lines its columns up, without borders and without spaces at the end', () => {
  const text = table(
    [{ head: 'field' }, { head: 'last', align: 'right' }, { head: 'over time' }],
    [
      ['usage_percent', '12.3 %', '▁▂█'],
      ['idle', '9 %', '   '],
    ],
  )
  expect(text).toBe(
    [
      'field            last  over time',
      'usage_percent  12.3 %  ▁▂█',
      'idle              9 %',
    ].join('\n'),
  )
})

it('colours a cell without counting the colour as width', () => {
  const red = (text: string) => `\u001b[31m${text}\u001b[39m`
  expect(table([{ head: 'a' }, { head: 'b' }], [[{ text: 'x', style: red }, 'y']])).toBe(
    'a  b\n\u001b[31mx\u001b[39m  y',
  )
})

it.each([
  ['eth0\u001b[2J', 'eth0?[2J'],
  ['a\nb\tc\u0000', 'a?b?c?'],
  ['\u009b31mx', '?31mx'],
  ['file\u202egnp.exe', 'file?gnp.exe'],
  ['/mnt/Füße', '/mnt/Füße'],
])('no control character of a foreign name reaches the terminal: %j', (name, shown) => {
  expect(printable(name)).toBe(shown)
  expect(table([{ head: 'name' }], [[name]])).toBe(`name\n${shown}`)
})
