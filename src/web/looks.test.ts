import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import { createLogger, sendLogs } from '../testing/logger-client.ts'
import { ADMIN, temporaryFolder } from '../testing/server-process.ts'
import { isMissing, openSite, seriousFaults, type Site } from './testing/site.ts'

// Every view at the widths of a phone, a laptop and a wide screen, in both themes: nothing sticks out sideways, and nobody is
// kept out by contrast or a missing name. With
// SCREENSHOTS=docs/images the pictures of the documents are made anew.

const STORE = 'the embedded store'
const WIDTHS = [390, 1280, 2560] as const
const THEMES = ['light', 'dark'] as const

type View = {
  readonly id: string
  readonly query: string
  /** What is there when the view is. */
  readonly ready: (page: Page) => Promise<unknown>
  /** The look that the documents show. */
  readonly shown?: (typeof THEMES)[number]
}

const chart = (page: Page) => page.locator('canvas').first().waitFor()
const cell = (text: string) => (page: Page) =>
  page.getByRole('cell', { name: text, exact: true }).first().waitFor()

const VIEWS: readonly View[] = [
  { id: 'live', query: 'open=cpu', ready: chart, shown: 'dark' },
  { id: 'history', query: 'host=demo&metric=cpu&range=24h', ready: chart, shown: 'light' },
  {
    id: 'compare',
    query: 'host=demo&metric=cpu&period=day&against=yesterday',
    ready: chart,
    shown: 'light',
  },
  { id: 'logs', query: '', ready: cell('the shelf is empty'), shown: 'dark' },
  { id: 'events', query: 'range=1h', ready: chart },
  { id: 'moods', query: '', ready: cell('content') },
  { id: 'client-cpu', query: '', ready: chart },
  { id: 'settings', query: 'section=retention', ready: cell('1h'), shown: 'light' },
  { id: 'settings', query: 'section=users', ready: cell('ann') },
  { id: 'settings', query: 'section=tokens', ready: cell('laptop') },
  {
    id: 'settings',
    query: 'section=doctor',
    ready: (page) => page.getByText('✓').first().waitFor(),
  },
]

describe.skipIf(isMissing(STORE))('the views', () => {
  let site: Site
  const { SCREENSHOTS: kept } = process.env
  const folder = kept ?? temporaryFolder()

  /** Something of everything that the views show. */
  const fill = async () => {
    const server = site.server()
    const authorization = { authorization: `Bearer ${await server.token()}` }
    const ann = { username: 'ann', password: 'a long password of ann' }
    await createLogger(server, ann, 'key')
    const at = (minutesAgo: number) => new Date(Date.now() - minutesAgo * 60_000).toISOString()
    const lines = (
      [
        ['info', 'started, listening on port 8080'],
        ['debug', 'the first customer is in'],
        ['warning', 'the shelf is nearly empty'],
        ['error', 'the shelf is empty'],
        ['critical', 'the shop is closed'],
      ] as const
    ).map(([level, msg], place) => ({ level, msg, at: at(9 - place) }))
    await sendLogs(server, ann, lines)
    await server.send('PUT', '/private/project/', { title: 'shop' }, authorization)
    for (const durationMs of [12, 15, 40, 13])
      await server.send('PUT', '/shop/event/', { metricName: 'backend_response', durationMs })
    await server.send('POST', '/mood', { mood: 'content' }, authorization)
    await server.send('POST', '/api/tokens', { name: 'laptop', host: 'laptop' }, authorization)
    const login = { user: ADMIN.username, passwd: ADMIN.password }
    const answer = await server.send('POST', '/login', login)
    const { hash } = (await answer.json()) as { hash: string }
    for (let second = 0; second < 60; second += 1)
      await server.send('POST', '/cpu', {
        hash,
        cpu: 20 + (second % 7) * 5,
        time: 1_700_000_000 + second,
      })
  }

  beforeAll(async () => {
    site = await openSite(STORE, { LOGGER_API_KEY: 'key' })
    mkdirSync(folder, { recursive: true })
    await fill()
  }, 180_000)
  afterAll(() => site?.end())

  it.each(WIDTHS.flatMap((width) => THEMES.map((theme) => ({ width, theme }))))(
    'fit into $width px, $theme',
    async ({ width, theme }) => {
      const visitor = await site.visit({ width, height: width === 390 ? 844 : 900, theme })
      const { page } = visitor
      await site.logIn(visitor)
      for (const { id, query, ready, shown } of VIEWS) {
        await page.goto(`${site.server().url}/?view=${id}&${query}`)
        await ready(page)
        const wide = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        )
        expect(`${id} ${query}: ${wide} px too wide`).toBe(`${id} ${query}: 0 px too wide`)
        // contrast is another in each theme, and nothing of it in width
        if (width === 1280)
          expect([id, query, await seriousFaults(visitor)]).toEqual([id, query, []])
        const isKept = width === 1280 && theme === shown
        if (kept === undefined || isKept)
          await page.screenshot({
            path: join(folder, isKept ? `${id}.png` : `${id}-${query}-${width}-${theme}.png`),
          })
      }
      expect(visitor.faults).toEqual([])
      await visitor.close()
    },
    60_000,
  )
})
