import axe, { type AxeResults } from 'axe-core'
import { influxForTests } from '../../testing/influxd.ts'
import { openProduct } from '../../testing/product.ts'
import { ADMIN, type ServerProcess } from '../../testing/server-process.ts'
import { browserForTests, openBrowser, type Look, type Visitor } from './browser.ts'

/** The stores on which the page is tried; a name is what a test's title says. */
export const STORES = ['the embedded store', 'InfluxDB'] as const
export type StoreName = (typeof STORES)[number]

/** What is missing for the tests on this store; false: nothing. */
export const isMissing = (store: StoreName): boolean =>
  browserForTests() === null || (store === 'InfluxDB' && influxForTests() === null)

export type Account = { readonly username: string; readonly password: string }

/** The product for real: its server, two days of the host `demo`, and a browser. */
export type Site = {
  readonly server: () => ServerProcess
  /** Somebody with cookies of their own, before the log-in. */
  visit(look?: Look): Promise<Visitor>
  /** Fills in the log-in and sends it. */
  logIn(visitor: Visitor, account?: Account, path?: string): Promise<void>
  /** Ends the server and starts it anew at the same port. */
  restart(): Promise<void>
  end(): Promise<void>
}

export const openSite = async (
  store: StoreName,
  environment: Readonly<Record<string, string>> = {},
  days = 2,
): Promise<Site> => {
  const product = await openProduct({
    days,
    influx: store === 'InfluxDB' ? influxForTests() : null,
    settings: { SAMPLING_INTERVAL_SECONDS: '1', ...environment },
  })
  const browser = await openBrowser(browserForTests() ?? '')

  return {
    server: product.server,
    visit: (look) => browser.visit(look),
    logIn: async ({ page }, { username, password } = ADMIN, path = '/') => {
      await page.goto(product.server().url + path)
      await page.getByLabel('User name').fill(username)
      await page.getByLabel('Password').fill(password)
      await page.getByRole('button', { name: 'Log in' }).click()
      await page.getByRole('navigation', { name: 'Views' }).or(page.getByRole('alert')).waitFor()
    },
    restart: product.restart,
    end: async () => {
      await browser.close()
      await product.end()
    },
  }
}

/** The faults of accessibility that keep somebody out, each with the element. */
export const seriousFaults = async ({ page }: Visitor): Promise<readonly string[]> => {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate<AxeResults>('axe.run()')
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`))
}
