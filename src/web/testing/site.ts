import axe, { type AxeResults } from 'axe-core'
import { influxForTests, startInfluxd } from '../../testing/influxd.ts'
import {
  ADMIN,
  startServerProcess,
  temporaryFolder,
  type ServerProcess,
} from '../../testing/server-process.ts'
import { browserForTests, openBrowser, type Look, type Visitor } from './browser.ts'
import { buildProduct, copyToInflux, seedDemo } from './product.ts'

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
  const entry = await buildProduct()
  const folder = temporaryFolder()
  await seedDemo(entry, folder, days)
  const binaries = store === 'InfluxDB' ? influxForTests() : null
  const influxd = binaries === null ? undefined : await startInfluxd(binaries)
  const settings = {
    SAMPLING_INTERVAL_SECONDS: '1',
    ...(influxd !== undefined && { INFLUX_URL: influxd.url }),
    ...environment,
  }
  let server = await startServerProcess(folder, settings, [entry])
  if (influxd !== undefined) {
    await copyToInflux(entry, folder, influxd.url)
    // what it had looked up before it would find out in a while
    await server.end('SIGTERM')
    server = await startServerProcess(folder, settings, [entry])
  }
  const browser = await openBrowser(browserForTests() ?? '')

  return {
    server: () => server,
    visit: (look) => browser.visit(look),
    logIn: async ({ page }, { username, password } = ADMIN, path = '/') => {
      await page.goto(server.url + path)
      await page.getByLabel('User name').fill(username)
      await page.getByLabel('Password').fill(password)
      await page.getByRole('button', { name: 'Log in' }).click()
      await page.getByRole('navigation', { name: 'Views' }).or(page.getByRole('alert')).waitFor()
    },
    restart: async () => {
      const { port } = new URL(server.url)
      await server.end('SIGTERM')
      server = await startServerProcess(folder, { ...settings, PORT: port }, [entry])
    },
    end: async () => {
      await browser.close()
      await server.end('SIGTERM')
      await influxd?.end()
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
