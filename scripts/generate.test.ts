import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { METRICS } from '../src/catalog/catalog.ts'
import { SETTINGS } from '../src/settings.ts'
import { drifted, GENERATORS, type Generator } from './generate.ts'
import { metricsPage } from './generators/metrics-page.ts'
import { settingsPage } from './generators/settings-page.ts'

const folder = mkdtempSync(join(tmpdir(), 'generate-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe('generated files', () => {
  it('drift when they are edited or missing, not when they are as made', async () => {
    const made: Generator = { file: 'made.md', make: () => 'same\n' }
    const edited: Generator = { file: 'edited.md', make: () => 'same\n' }
    const absent: Generator = { file: 'absent.md', make: () => 'same\n' }
    writeFileSync(join(folder, 'made.md'), 'same\n')
    writeFileSync(join(folder, 'edited.md'), 'other\n')
    expect(await drifted([made, edited, absent], folder)).toEqual([edited, absent])
  })

  // JSON has no remarks
  const remarked = GENERATORS.filter(({ make }) => !make().startsWith('{\n  "'))
  it.each(remarked)('$file says in its first line by what it is made', ({ make }) => {
    expect(make().split('\n')[0]).toMatch(/Made by scripts\/generate\.ts from \S+/)
  })
})

describe('the page of the metrics', () => {
  const lines = metricsPage.make().split('\n')

  it('has a row for each field of the catalogue', () => {
    const fields = METRICS.flatMap(({ series }) => series.flatMap((one) => Object.keys(one.fields)))
    const rows = lines.filter((line) =>
      /^\| `[a-z]\w*` \| \S+ \| (mean|max|last|sum) \|/.test(line),
    )
    expect(rows.map((row) => row.split('`')[1])).toEqual(fields)
  })

  it.each([
    ['a plain field', '`usage_percent` | percent | mean | `memory.usage_percent` |'],
    ['a place in an array', '`load_avg_5` | count | mean | `cpu.load_avg[1]` |'],
    ['a column by core', '`usage_percent` | percent | mean | `cpu.per_core[core]` |'],
    [
      'an entry by name',
      '`errors_in` | count | sum | `network.interfaces.<interface>.errors_in` |',
    ],
    ['two objects', '| `perf_events.events.cycles`, `perf.cycles` |'],
  ])('shows where it lands in the JSON: %s', (_what, row) => {
    expect(lines.filter((line) => line.includes(row))).toHaveLength(1)
  })
})

describe('the page of the settings', () => {
  const page = settingsPage.make()

  it.each(Object.keys(SETTINGS))('says what %s does', (name) => {
    const cells = page
      .split('\n')
      .find((line) => line.startsWith(`| \`${name}\` |`))
      ?.split(' | ')
    expect(cells?.[1]).toMatch(/\S/)
    expect(cells?.[3]).toMatch(/\w+.*\. \|$/)
  })

  it.each([
    ['PORT', '0 to 65535 | `8000`'],
    ['JWT_EXPIRE_HOURS', 'over 0 to 8760 | `24`'],
    ['INFLUX_PROVISION', '`auto`, `check` | `auto`'],
    ['METRICS_PUBLIC', '`1` or `0` | `0`'],
    ['ALLOWED_HOSTS', 'list, comma between | '],
    ['INFLUX_URL', 'URL | '],
  ])('shows the form and default of %s', (name, cells) => {
    expect(page).toContain(`| \`${name}\` | ${cells} |`)
  })
})
