import { readFile } from 'node:fs/promises'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EventStatistics } from '../api/routes/events.ts'
import { createLogger, sendLogs } from '../testing/logger-client.ts'
import type { ServerProcess } from '../testing/server-process.ts'
import { format } from './format.ts'
import {
  isMissing,
  openSite,
  seriousFaults,
  STORES,
  type Account,
  type Site,
} from './testing/site.ts'
import type { Visitor } from './testing/browser.ts'

// What clients of the older systems send, as the accounts that own it see it: logs, events, moods, client CPU.

const API_KEY = 'a key for tests'
const ann: Account = { username: 'ann', password: 'a long password of ann' }
const bob: Account = { username: 'bob', password: 'a long password of bob' }
const PROJECT = 'shop'
const METRIC = 'backend_response'
const DURATIONS = [10, 20, 60]

const menu = (page: Page) =>
  page.getByRole('navigation', { name: 'Views' }).getByRole('link').allTextContents()

describe.each(STORES)('records on the page, on %s', (store) => {
  const missing = isMissing(store)
  let site: Site
  let visitor: Visitor
  let page: Page

  const send: ServerProcess['send'] = (...request) => site.server().send(...request)
  const log = (level: string, msg: string) => sendLogs(site.server(), ann, [{ level, msg }])

  beforeAll(async () => {
    if (missing) return
    site = await openSite(store, { LOGGER_API_KEY: API_KEY, SAMPLING_INTERVAL_SECONDS: '60' }, 1)
    for (const account of [ann, bob]) await createLogger(site.server(), account, API_KEY)
    await log('info', 'started')
    await log('warning', 'the shelf is nearly empty')
    await log('error', 'the Shelf is empty')
    visitor = await site.visit()
    page = visitor.page
  }, 180_000)
  afterAll(() => site?.end())

  // with case: filters of the page have none
  const row = (text: string) => page.getByRole('row').filter({ hasText: new RegExp(text) })

  describe.skipIf(missing)('logs', () => {
    it('are what a client begins with, and its machine’s metrics are not there', async () => {
      await site.logIn(visitor, ann)
      await row('the Shelf is empty').waitFor()
      expect(await menu(page)).toEqual(['Logs', 'Moods', 'Settings'])
    })

    it('are narrowed by level and text, in the address', async () => {
      await page.getByLabel('Level').selectOption('warning')
      await row('started').waitFor({ state: 'detached' })
      await page.getByLabel('Text').fill('SHELF IS EMPTY')
      await row('nearly').waitFor({ state: 'detached' })
      await row('the Shelf is empty').waitFor()
      await page.waitForURL(({ searchParams }) => searchParams.get('text') === 'SHELF IS EMPTY')
      await page.reload()
      await row('the Shelf is empty').waitFor()
      expect(await row('nearly').count()).toBe(0)
    })

    it('follow live, by the filter; a pause holds them back and counts them', async () => {
      await page.getByRole('status').filter({ hasText: 'Live' }).waitFor()
      await log('error', 'again: shelf is empty, twice')
      await log('info', 'nobody sees that the shelf is empty so far')
      await row('again: shelf is empty, twice').waitFor()
      await page.getByRole('button', { name: 'Pause' }).click()
      await log('error', 'shelf is empty while nobody reads')
      await page.getByRole('button', { name: 'Resume (1 waiting)' }).click()
      await row('while nobody reads').waitFor()
      expect(await row('nobody sees').count()).toBe(0)
    })

    it('go back to a time, and follow again', async () => {
      await page.getByLabel('Before').fill('2020-01-01T00:00:00')
      await page.getByText('No record meets this.').waitFor()
      await page.getByRole('button', { name: 'Follow' }).click()
      await row('the Shelf is empty').waitFor()
    })

    it('have no serious fault of accessibility', async () => {
      expect(await seriousFaults(visitor)).toEqual([])
    })
  })

  describe.skipIf(missing)('moods', () => {
    it('are entered, and appear with the streak and in the calendar', async () => {
      await page.getByRole('link', { name: 'Moods' }).click()
      await page.getByText('The diary is empty.').waitFor()
      await page.getByLabel('How are you?').fill('content')
      await page.getByRole('button', { name: 'Keep' }).click()
      await page.getByRole('cell', { name: 'content', exact: true }).waitFor()
      await page.getByText('Streak: 1 day').waitFor()
      expect(await page.getByTitle(/^\d{4}-\d\d-\d\d: content$/).count()).toBe(1)
    })

    it('have no serious fault of accessibility', async () => {
      expect(await seriousFaults(visitor)).toEqual([])
    })
  })

  describe.skipIf(missing)('events', () => {
    beforeAll(async () => {
      const login = { login: ann.username, password: ann.password }
      const { token } = (await (await send('POST', '/login/', login)).json()) as {
        token: string
      }
      await send(
        'PUT',
        '/private/project/',
        { title: PROJECT },
        { authorization: `Bearer ${token}` },
      )
      for (const durationMs of DURATIONS)
        await send('PUT', `/${PROJECT}/event/`, { metricName: METRIC, durationMs })
    })

    it('are in the menu as soon as there is a project, with the API’s own figures', async () => {
      await page.reload()
      await page.getByRole('link', { name: 'Events' }).click()
      const chart = page.getByRole('figure', { name: 'How long they took' })
      await page.getByLabel('By').selectOption('hours')
      await chart.getByText('Table').click()
      const hour = 3600_000 * Math.floor(Date.now() / 3600_000)
      const answer = (await site
        .server()
        .get(
          `/api/events?project=${PROJECT}&metric=${METRIC}&group_by=hours&start_time=${hour / 1000 - 3600}&end_time=${hour / 1000 + 7200}`,
        )) as EventStatistics
      const [point] = answer.data_points
      expect(answer.data_points.reduce((sum, { count }) => sum + count, 0)).toBe(DURATIONS.length)
      const cells = await chart
        .getByRole('table')
        .last()
        .getByRole('row')
        .last()
        .getByRole('cell')
        .allTextContents()
      expect(cells).toEqual(
        [point?.median_ms, point?.mean_ms, point?.p75_ms, point?.p90_ms, point?.max_ms].map((ms) =>
          format('ms', ms),
        ),
      )
    })

    it('have no serious fault of accessibility', async () => {
      expect(await seriousFaults(visitor)).toEqual([])
    })
  })

  describe.skipIf(missing)('client CPU', () => {
    beforeAll(async () => {
      const login = { user: ann.username, passwd: ann.password }
      const { hash } = (await (await send('POST', '/login', login)).json()) as {
        hash: string
      }
      for (const [cpu, time] of [
        [12.5, 1_700_000_000],
        [50, 1_700_000_001.5],
      ])
        await send('POST', '/cpu', { hash, cpu, time })
    })

    it('is a chart of each session, and the API’s own CSV', async () => {
      await page.reload()
      await page.getByRole('link', { name: 'Client CPU' }).click()
      await page.getByRole('figure').locator('canvas').waitFor()
      const download = page.waitForEvent('download')
      await page.getByRole('link', { name: 'CSV' }).click()
      const saved = await readFile(await (await download).path(), 'utf8')
      expect(saved).toBe('cpu,time\r\n12.5,1700000000\r\n50,1700000001.5\r\n')
    })

    it('has no serious fault of accessibility', async () => {
      expect(await seriousFaults(visitor)).toEqual([])
    })
  })

  describe.skipIf(missing)('another account', () => {
    it('sees nothing of it', async () => {
      const other = await site.visit()
      await site.logIn(other, bob)
      await other.page.getByText('The diary is empty.').waitFor()
      expect(await menu(other.page)).toEqual(['Moods', 'Settings'])
      expect(other.faults).toEqual([])
      await other.close()
    })

    it('of an admin sees the logs and events of all', async () => {
      const other = await site.visit()
      await site.logIn(other, undefined, '/?view=logs')
      await other.page
        .getByRole('row')
        .filter({ hasText: /the Shelf is empty/ })
        .waitFor()
      await other.page.getByRole('link', { name: 'Events' }).click()
      await other.page.getByRole('figure', { name: 'How many' }).locator('canvas').waitFor()
      expect(await menu(other.page)).toEqual([
        'Live',
        'History',
        'Compare',
        'Logs',
        'Events',
        'Moods',
        'Client CPU',
        'Settings',
      ])
      expect(other.faults).toEqual([])
      await other.close()
    })

    it('is made where strangers are let in, and begins empty', async () => {
      const other = await site.visit()
      await other.page.goto(site.server().url)
      await other.page.getByRole('button', { name: 'Make an account' }).click()
      await other.page.getByLabel('User name').fill('eve')
      await other.page.getByLabel('Password').fill('a long password of eve')
      await other.page.getByRole('button', { name: 'Sign up' }).click()
      await other.page.getByText('The diary is empty.').waitFor()
      await other.page.getByRole('button', { name: 'Log out' }).click()
      await other.page.getByRole('button', { name: 'Log in' }).waitFor()
      expect(other.faults).toEqual([])
      await other.close()
    })

    it('leaves nothing wrong unseen', () => {
      expect(visitor.faults).toEqual([])
    })
  })
})
