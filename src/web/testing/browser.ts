import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { chromium, type BrowserContext, type Page } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'chrome']

export const NO_BROWSER =
  'The tests in a browser do not run: there is none on this machine. Debian’s package chromium is one; CHROMIUM_BIN names another.'

/**
 * The browser of this machine; null: there is none, and the caller skips and says so. A run that counts (`CI=true`)
 * fails instead.
 */
export const browserForTests = (): string | null => {
  const { CHROMIUM_BIN, PATH = '' } = process.env
  const paths = PATH.split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)))
  const found = [...(CHROMIUM_BIN === undefined ? [] : [CHROMIUM_BIN]), ...paths].find(existsSync)
  if (found === undefined && process.env.CI === 'true') throw new Error(NO_BROWSER)
  return found ?? null
}

export type Look = {
  readonly width?: number
  readonly height?: number
  readonly theme?: 'light' | 'dark'
}

/** A browser that asks nobody but the server under test. */
export type TestBrowser = {
  /** A visitor with cookies of its own. */
  visit(look?: Look): Promise<Visitor>
  close(): Promise<void>
}

export type Visitor = {
  readonly page: Page
  readonly context: BrowserContext
  /** What was wrong so far: errors of the console and of scripts, violations of the policy, requests elsewhere. */
  readonly faults: readonly string[]
  close(): Promise<void>
}

const ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export const openBrowser = async (executablePath: string): Promise<TestBrowser> => {
  const folder = mkdtempSync(join(tmpdir(), 'perfwatch-browser-'))
  const browser = await chromium.launch({
    executablePath,
    headless: true,
    args: [...ARGS, `--disk-cache-dir=${join(folder, 'cache')}`],
  })
  return {
    visit: async ({ width = 1280, height = 900, theme = 'light' } = {}) => {
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: theme,
        acceptDownloads: true,
      })
      const page = await context.newPage()
      const faults: string[] = []
      page.on('pageerror', (error) => faults.push(`script: ${error.message}`))
      page.on('console', (message) => {
        // the browser itself says so of every answer that is no success
        const isAnswer = /^Failed to load resource: .*status of 4\d\d/.test(message.text())
        if (message.type() === 'error' && !isAnswer) faults.push(`console: ${message.text()}`)
      })
      page.on('request', (request) => {
        const { hostname } = new URL(request.url())
        if (hostname !== '127.0.0.1') faults.push(`a request to ${request.url()}`)
      })
      return { page, context, faults, close: () => context.close() }
    },
    close: async () => {
      await browser.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
