import { expect, it } from 'vitest'
import type { HostPath } from '../host-files.ts'
import { temperatureFiles } from './hwmon.ts'
import type { Place } from './topology.ts'

type Chip = { readonly name: string; readonly labels: Readonly<Record<string, string>> }

/** `labels`: what `tempN_label` says by N; '' for a sensor without a label. */
const chips = (...list: readonly Chip[]) => ({
  list: (path: HostPath) => {
    if (path === 'sys/class/hwmon') return list.map((_, index) => `hwmon${index}`).toReversed()
    const chip = list[Number(path.replace('sys/class/hwmon/hwmon', ''))]
    return ['name', 'uevent', ...Object.keys(chip?.labels ?? {}).map((n) => `temp${n}_input`)]
  },
  readOnce: (path: HostPath) => {
    const [, chip = '', file = ''] = /hwmon(\d+)\/(.*)$/.exec(path) ?? []
    const found = list[Number(chip)]
    if (file === 'name') return found === undefined ? undefined : `${found.name}\n`
    const label = found?.labels[/^temp(\d+)_label$/.exec(file)?.[1] ?? '']
    return label === undefined || label === '' ? undefined : `${label}\n`
  },
})

const places = (...list: readonly (readonly [socket: number, coreId: number])[]): Place[] =>
  list.map(([socket, coreId], core) => ({ core, socket, coreId }))

const short = (path: string | undefined) => path?.replace('sys/class/hwmon/', '')

const intel0 = { name: 'coretemp', labels: { 1: 'Package id 0', 2: 'Core 0', 3: 'Core 1' } }
const intel1 = { name: 'coretemp', labels: { 1: 'Package id 1', 2: 'Core 0' } }

it.each([
  ['no sensors', [], places([0, 0], [0, 1]), [undefined, undefined]],
  [
    'sensors of a disk and of the board only',
    [
      { name: 'nvme', labels: { 1: 'Composite' } },
      { name: 'acpitz', labels: { 1: '' } },
    ],
    places([0, 0]),
    [undefined],
  ],
  [
    'Intel: by core, and by package where the core has none',
    [{ name: 'nvme', labels: { 1: 'Composite' } }, intel1, intel0],
    places([0, 0], [0, 1], [1, 0], [1, 1]),
    ['hwmon2/temp2_input', 'hwmon2/temp3_input', 'hwmon1/temp2_input', 'hwmon1/temp1_input'],
  ],
  [
    'an old Intel without a sensor for the package',
    [{ name: 'coretemp', labels: { 2: 'Core 0', 3: 'Core 2' } }],
    places([0, 0], [0, 2], [0, 9]),
    ['hwmon0/temp2_input', 'hwmon0/temp3_input', undefined],
  ],
  [
    'AMD: the die before the fan controller',
    [{ name: 'k10temp', labels: { 1: 'Tctl', 2: 'Tdie', 3: 'Tccd1' } }],
    places([0, 0], [0, 1]),
    ['hwmon0/temp2_input', 'hwmon0/temp2_input'],
  ],
  [
    'AMD, newer: there is Tctl only',
    [{ name: 'k10temp', labels: { 1: 'Tctl', 3: 'Tccd1' } }],
    places([0, 0]),
    ['hwmon0/temp1_input'],
  ],
  [
    'AMD, two sockets: each has its own',
    [
      { name: 'zenpower', labels: { 1: 'Tdie', 2: 'Tctl' } },
      { name: 'zenpower', labels: { 1: 'Tdie', 2: 'Tctl' } },
    ],
    places([0, 0], [1, 0]),
    ['hwmon0/temp1_input', 'hwmon1/temp1_input'],
  ],
  [
    'AMD, two sockets of two chips each: the first of each socket',
    [1, 2, 3, 4].map(() => ({ name: 'k10temp', labels: { 1: 'Tctl' } })),
    places([0, 0], [1, 0]),
    ['hwmon0/temp1_input', 'hwmon2/temp1_input'],
  ],
  [
    'ARM: one for all',
    [{ name: 'cpu_thermal', labels: { 1: '' } }],
    places([0, 0], [0, 1]),
    ['hwmon0/temp1_input', 'hwmon0/temp1_input'],
  ],
] as const)('%s', (_, list, where, expected) => {
  expect(temperatureFiles(chips(...list), where).map(short)).toEqual(expected)
})

it('a package alone is that of processors whose place is not known', () => {
  const unknown = [{ core: 0, socket: undefined, coreId: undefined }]
  expect(temperatureFiles(chips(intel0), unknown).map(short)).toEqual(['hwmon0/temp1_input'])
})
