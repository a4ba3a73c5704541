import { readFileSync } from 'node:fs'
import { Flux } from '@influxdata/flux-lsp-node'
import { describe, expect, it } from 'vitest'
import { HOST_MEASUREMENTS, METRICS } from '../../catalog/catalog.ts'
import { FOLDS, layoutTag, type Metric } from '../../catalog/metric.ts'
import { ROLLUP_TIERS, TIER_MS } from '../../catalog/tiers.ts'
import { instant } from '../../points/instant.ts'
import { wantedTasks } from './provision/keep-tasks.ts'
import { isSameTask, LOOK_BACK_MS, rollupScript, TASKS } from './rollup-script.ts'

const range = { from: instant(Date.UTC(2025, 0, 18)), to: instant(Date.UTC(2025, 0, 19)) }
const isValid = (script: string) => new Flux(script).is_valid()
const metrics: readonly Metric[] = METRICS
const series = metrics.flatMap((metric) => metric.series)

describe.each(ROLLUP_TIERS)('the rollup script of %s', (tier) => {
  const task = rollupScript('perfwatch', tier)

  it('is valid Flux, as a task and for a stretch', () => {
    expect(isValid(task)).toBe(true)
    expect(isValid(rollupScript('perfwatch', tier, range))).toBe(true)
    // or the check would say so of anything
    expect(isValid(task.replace('fn: mean', 'fn: maen'))).toBe(false)
    expect(isValid(task.replace('|> toFloat()', '|> toFloat(x: 1)'))).toBe(false)
  })

  it('is the file in the repository, and the task that provisioning makes', () => {
    expect(readFileSync(`influx/tasks/perfwatch-${tier}.flux`, 'utf8')).toBe(task)
    expect(wantedTasks('perfwatch').get(`perfwatch-${tier}`)).toBe(task)
  })

  it('names every measurement and tag of the catalogue, and every field that is not folded by its mean', () => {
    for (const measurement of HOST_MEASUREMENTS)
      expect(task).toMatch(new RegExp(`_measurement =~ /\\^\\(.*\\b${measurement}\\b`))
    for (const { layout, fields } of series) {
      const tag = layoutTag(layout)
      if (tag !== undefined) expect(task).toMatch(new RegExp(`column =~ .*\\b${tag}\\b`))
      for (const [name, { fold }] of Object.entries(fields)) {
        const pass = task
          .split('\n')
          .find((line) => line.startsWith(`roll(fn: ${fold}, suffix: ""`))
        expect(pass).toBeDefined()
        if (fold === 'mean') expect(task).not.toMatch(new RegExp(`_field !~ .*\\b${name}\\b`))
        else expect(pass).toMatch(new RegExp(`\\b${name}\\b`))
      }
    }
  })

  it('looks back far enough for points of four minutes, and a run or two that did not come', () => {
    expect(LOOK_BACK_MS[tier]).toBeGreaterThanOrEqual(2 * TIER_MS[tier] + 4 * 60_000)
    const unit = { m: 60_000, h: 3_600_000 }
    const [, number, letter] = /^(\d+)([mh])$/.exec(TASKS[tier].lookBack) ?? []
    expect(Number(number) * unit[letter as 'm' | 'h']).toBe(LOOK_BACK_MS[tier])
  })

  it('takes any prefix as text', () => {
    const odd = rollupScript('a"b${c}\\', tier)
    expect(isValid(odd)).toBe(true)
    expect(odd).toContain('from(bucket: "a\\"b\\x24{c}\\\\")')
  })
})

it('knows what to do with every fold of the catalogue', () => {
  expect(FOLDS).toEqual(['mean', 'max', 'last', 'sum'])
})

describe('two scripts of a task are the same', () => {
  const script = rollupScript('perfwatch', '1h')
  it.each([
    ['as they are', script, true],
    [
      'with the options as a template lays them out',
      script.replace('every: 1h, offset: 30s', 'every: 1h0m0s, offset: 30s').replace('\n\n', '\n'),
      true,
    ],
    ['not at another time', script.replace('every: 1h,', 'every: 1m,'), false],
    ['not with another offset', script.replace('offset: 30s', 'offset: 20s'), false],
    ['not with another filter', script.replace('|cpu_core', ''), false],
  ])('%s', (_, other, same) => expect(isSameTask(other, script)).toBe(same))
})
