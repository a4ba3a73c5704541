import axe, { type AxeResults } from 'axe-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  ADMIN,
  startServerProcess,
  temporaryFolder,
  type ServerProcess,
} from '../testing/server-process.ts'
import { browserForTests, openBrowser, type TestBrowser, type Visitor } from './testing/browser.ts'
import { buildProduct, seedDemo } from './testing/product.ts'

const executable = browserForTests()

describe.skipIf(executable === null)('the page in a browser', () => {
  let browser: TestBrowser
  let server: ServerProcess
  let visitor: Visitor

  beforeAll(async () => {
    const entry = await buildProduct()
    const folder = temporaryFolder()
    await seedDemo(entry, folder, 2)
    server = await startServerProcess(folder, { SAMPLING_INTERVAL_SECONDS: '1' }, [entry])
    browser = await openBrowser(executable ?? '')
    visitor = await browser.visit()
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await server?.end('SIGTERM')
  })

  const logIn = async ({ page }: Visitor, password: string = ADMIN.password) => {
    await page.goto(server.url)
    await page.getByLabel('User name').fill(ADMIN.username)
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Log in' }).click()
  }

  it('refuses a wrong password in the server’s words', async () => {
    await logIn(visitor, 'wrong')
    expect(await visitor.page.getByRole('alert').textContent()).toBe('Invalid username or password')
  })

  it('shows the live charts after the log-in, and a new point within the interval', async () => {
    const { page } = visitor
    await logIn(visitor)
    await page.getByRole('figure', { name: 'CPU', exact: true }).locator('canvas').waitFor()
    const light = page.getByText('Live', { exact: true }).last()
    await light.waitFor()
    const before = await page.getByRole('status').getAttribute('title')
    await page.waitForFunction(
      (title) => document.querySelector('[role=status]')?.getAttribute('title') !== title,
      before,
      { timeout: 3_000 },
    )
  })

  it('has no serious fault of accessibility', async () => {
    const { page } = visitor
    await page.evaluate(axe.source)
    const { violations } = await page.evaluate<AxeResults>('axe.run()')
    const serious = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    expect(serious.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([])
  })

  it('has asked nobody else, and nothing went wrong unseen', () => {
    expect(visitor.faults).toEqual([])
  })
})
