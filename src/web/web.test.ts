import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CompareAnswer, RangeAnswer } from '../api/history-schemas.ts'
import { ADMIN } from '../testing/server-process.ts'
import { format } from './format.ts'
import { isMissing, openSite, seriousFaults, STORES, type Site } from './testing/site.ts'
import type { Visitor } from './testing/browser.ts'

// The product for real in a real browser: live charts, history and comparison.

const figure = (page: Page, name: string) => page.getByRole('figure', { name, exact: true })

/** The address's parameter, as soon as it is another than before. */
const changed = async (page: Page, name: string, before: string | null): Promise<string | null> => {
  await page.waitForURL((url) => url.searchParams.get(name) !== before)
  return new URL(page.url()).searchParams.get(name)
}

const parameter = (page: Page, name: string) => new URL(page.url()).searchParams.get(name)

/** Over a chart from one part of its width to another. */
const drag = async (page: Page, name: string, from: number, to: number) => {
  const over = figure(page, name).locator('.u-over')
  const box = await over.boundingBox()
  if (box === null) throw new Error(`${name} has no plot.`)
  const y = box.y + box.height / 2
  await page.mouse.move(box.x + box.width * from, y)
  await page.mouse.down()
  await page.mouse.move(box.x + box.width * to, y, { steps: 5 })
  await page.mouse.up()
}

describe.each(STORES)('the page on %s', (store) => {
  const missing = isMissing(store)
  let site: Site
  let visitor: Visitor

  beforeAll(async () => {
    if (missing) return
    site = await openSite(store)
    visitor = await site.visit()
  }, 180_000)
  afterAll(() => site?.end())

  describe.skipIf(missing)('live', () => {
    it('refuses a wrong password in the server’s words', async () => {
      await site.logIn(visitor, { ...ADMIN, password: 'wrong' })
      expect(await visitor.page.getByRole('alert').textContent()).toBe(
        'Invalid username or password',
      )
    })

    it('shows the charts after the log-in, and a new point within the interval', async () => {
      const { page } = visitor
      await site.logIn(visitor)
      await figure(page, 'CPU').locator('canvas').waitFor()
      const light = page.getByRole('status')
      await light.filter({ hasText: 'Live' }).waitFor()
      const before = await light.getAttribute('title')
      await page.waitForFunction(
        (title) => document.querySelector('[role=status]')?.getAttribute('title') !== title,
        before,
        { timeout: 5_000 },
      )
    })

    it('keeps the detail that was opened in the address', async () => {
      const { page } = visitor
      const card = page.getByRole('region', { name: 'CPU' })
      await card.getByRole('button', { name: 'More' }).click()
      await figure(page, 'Usage by core').waitFor()
      expect(parameter(page, 'open')).toBe('cpu')
      await page.reload()
      await figure(page, 'Usage by core').waitFor()
    })

    it('has no serious fault of accessibility', async () => {
      expect(await seriousFaults(visitor)).toEqual([])
    })
  })

  describe.skipIf(missing)('history', () => {
    const open = async (query: string) => {
      await visitor.page.goto(`${site.server().url}/?view=history&host=demo&${query}`)
      await figure(visitor.page, 'CPU').locator('canvas').waitFor()
    }

    it('zooms by a drag: the address and the question narrow; a double click goes back', async () => {
      const { page } = visitor
      await open('metric=cpu&range=24h')
      const asked = page.waitForRequest((request) => {
        const { searchParams } = new URL(request.url())
        const [from, to] = ['start_time', 'end_time'].map((name) =>
          Date.parse(searchParams.get(name) ?? ''),
        )
        return (to ?? 0) - (from ?? 0) < 8 * 3600_000
      })
      await drag(page, 'CPU', 0.4, 0.65)
      const from = await changed(page, 'from', null)
      const hours = (Date.parse(parameter(page, 'to') ?? '') - Date.parse(from ?? '')) / 3600_000
      expect(hours).toBeGreaterThan(5)
      expect(hours).toBeLessThan(7)
      await asked
      await page.getByText(/windows of (1m|5m)/).waitFor()
      await figure(page, 'CPU').locator('.u-over').dblclick()
      await changed(page, 'from', from)
      expect(parameter(page, 'range')).toBe('24h')
    })

    it('shows the same from its address, and can force an interval', async () => {
      const { page } = visitor
      await open('metric=cpu,memory&range=6h')
      await figure(page, 'Memory').locator('canvas').waitFor()
      await page
        .getByText(/\d+ windows of 1m/)
        .first()
        .waitFor()
      await page.getByLabel('Interval').selectOption('1h')
      await page
        .getByText(/\d+ windows of 1h/)
        .first()
        .waitFor()
      await page.reload()
      await page
        .getByText(/\d+ windows of 1h/)
        .first()
        .waitFor()
    })

    it('gives the API’s own CSV of what is shown', async () => {
      const { page } = visitor
      const now = Math.floor(Date.now() / 3600_000) * 3600
      const iso = (at: number) => new Date(at * 1000).toISOString().slice(0, 19) + 'Z'
      const [from, to] = [iso(now - 7200), iso(now - 3600)]
      await open(`metric=cpu&from=${from}&to=${to}`)
      const download = page.waitForEvent('download')
      await page.getByRole('link', { name: 'CSV' }).click()
      const saved = await readFile(await (await download).path(), 'utf8')
      const url = `${site.server().url}/api/history/metrics?metric_type=cpu&start_time=${from}&end_time=${to}&host=demo&stats=true&limit=10000&format=csv`
      const answer = await fetch(url, {
        headers: { authorization: `Bearer ${await site.server().token()}` },
      })
      expect(saved).toBe(await answer.text())
      expect(saved.split('\r\n')[0]).toMatch(/^timestamp,usage_percent,/)
    })

    it('draws no line over a gap, and has the band’s edges in the table', async () => {
      const { page } = visitor
      const answer = (await site
        .server()
        .get(
          `/api/history/metrics?metric_type=cpu&host=demo&stats=true&interval=1h&start_time=${Date.now() / 1000 - 7200}&end_time=${Date.now() / 1000 - 3600}`,
        )) as RangeAnswer
      await open('metric=cpu&range=3h&interval=1h')
      await figure(page, 'CPU').getByText('Table').click()
      const table = figure(page, 'CPU').getByRole('table')
      const [point] = answer.data_points
      for (const data of [point?.data, point?.min, point?.max])
        await table
          .getByRole('cell', { name: format('percent', data?.['usage_percent'] as number) })
          .first()
          .waitFor()
    })

    it('says what will appear where nothing is', async () => {
      await visitor.page.goto(
        `${site.server().url}/?view=history&metric=cpu&from=2001-01-01T00:00:00Z&to=2001-01-02T00:00:00Z`,
      )
      await visitor.page.getByText('Nothing was measured in this time.').waitFor()
    })

    it('has no serious fault of accessibility', async () => {
      await open('metric=cpu&range=24h')
      expect(await seriousFaults(visitor)).toEqual([])
    })
  })

  describe.skipIf(missing)('compare', () => {
    const PERIODS = { first: '2', second: '26' }
    const begun = Date.now()
    const at = (hoursAgo: string) =>
      new Date(Math.floor(begun / 3600_000 - Number(hoursAgo)) * 3600_000)
        .toISOString()
        .slice(0, 19) + 'Z'
    const end = (start: string) =>
      new Date(Date.parse(start) + 3600_000).toISOString().slice(0, 19) + 'Z'

    it('shows the API’s own figures', async () => {
      const { page } = visitor
      const [from, base] = [at(PERIODS.first), at(PERIODS.second)]
      const answer = (await site
        .server()
        .get(
          `/api/history/compare?metric_type=cpu&host=demo&limit=10000&start_time_1=${from}&end_time_1=${end(from)}&start_time_2=${base}&end_time_2=${end(base)}`,
        )) as CompareAnswer
      await page.goto(
        `${site.server().url}/?view=compare&host=demo&metric=cpu&from=${from}&to=${end(from)}&base=${base}`,
      )
      await figure(page, 'CPU').locator('canvas').waitFor()
      await figure(page, 'CPU: difference').locator('canvas').waitFor()
      const { usage_percent, user } = answer.summary.fields
      for (const [name, field] of [
        ['usage_percent', usage_percent],
        ['user', user],
      ] as const) {
        const row = page.getByRole('row').filter({
          has: page.getByRole('rowheader', { name, exact: true }),
        })
        const cells = await row.getByRole('cell').allTextContents()
        const change = field?.change_percent ?? 0
        expect(cells.slice(0, 4)).toEqual([
          format('percent', field?.current),
          format('percent', field?.comparison),
          `${change > 0 ? '+' : ''}${format('percent', change)}`,
          format('ratio', field?.effect_size),
        ])
      }
    })

    it('pins a period, and compares now with it', async () => {
      const { page } = visitor
      const pinned = parameter(page, 'from')
      await page.getByRole('button', { name: 'Pin this period as the baseline' }).click()
      await page.getByRole('button', { name: 'Last hour' }).click()
      expect(await changed(page, 'base', at(PERIODS.second))).toBeNull()
      await page.getByRole('button', { name: 'Compare now with it' }).click()
      expect(await changed(page, 'base', null)).toBe(pinned)
      await page.getByRole('button', { name: 'Unpin' }).click()
    })

    it('has no serious fault of accessibility', async () => {
      expect(await seriousFaults(visitor)).toEqual([])
    })
  })

  it.skipIf(missing)('has asked nobody else, and nothing went wrong unseen', () => {
    expect(visitor.faults).toEqual([])
  })

  describe.skipIf(missing)('when the server restarts', () => {
    it('says so, and goes on by itself', async () => {
      const { page } = visitor
      await page.goto(site.server().url)
      const light = page.getByRole('status')
      await light.filter({ hasText: 'Live' }).waitFor()
      const reconnecting = light.filter({ hasText: 'Reconnecting' }).waitFor()
      const restarted = site.restart()
      await reconnecting
      await restarted
      await light.filter({ hasText: 'Live' }).waitFor()
    })
  })
})
