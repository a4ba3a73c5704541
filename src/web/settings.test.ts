import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Page } from 'playwright-core'
import type { RetentionDetails } from '../api/routes/config.ts'
import { isMissing, openSite, seriousFaults, STORES, type Site } from './testing/site.ts'
import type { Visitor } from './testing/browser.ts'

// The settings in a real browser: nothing is deleted unasked, and each account has what its role may do.

const vera = { username: 'vera', password: 'a long password of vera' }

describe.each(STORES)('the settings on %s', (store) => {
  const missing = isMissing(store)
  let site: Site
  let visitor: Visitor
  let page: Page

  const open = async (section: string) => {
    await page.goto(`${site.server().url}/?view=settings&section=${section}`)
    await page.getByRole('region', { name: new RegExp(`^${section}$`, 'i') }).waitFor()
  }
  const daysOfRaw = async () => {
    const { tiers } = (await site.server().get('/api/config/retention')) as RetentionDetails
    return tiers.find(({ interval }) => interval === 'raw')?.retention_days
  }

  beforeAll(async () => {
    if (missing) return
    site = await openSite(store, { SAMPLING_INTERVAL_SECONDS: '60' }, 3)
    visitor = await site.visit()
    page = visitor.page
    await site.logIn(visitor)
  }, 180_000)
  afterAll(() => site?.end())

  describe.skipIf(missing)('of the retention', () => {
    it('show what each tier holds', async () => {
      await open('retention')
      const { tiers } = (await site.server().get('/api/config/retention')) as RetentionDetails
      for (const { interval } of tiers)
        await page.getByRole('cell', { name: interval, exact: true }).waitFor()
    })

    it('ask before anything is deleted; no is no', async () => {
      await page.getByLabel('Raw samples, days').fill('1')
      await page.getByRole('button', { name: 'Save' }).click()
      const dialog = page.getByRole('dialog')
      await dialog.getByText('This is deleted at once, for good:').waitFor()
      await dialog.getByText(/^raw, 1 days: /).waitFor()
      expect(await seriousFaults(visitor)).toEqual([])
      await dialog.getByRole('button', { name: 'Cancel' }).click()
      await dialog.waitFor({ state: 'detached' })
      expect(await daysOfRaw()).toBe(7)
    })

    it('change when the answer is yes', async () => {
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByRole('button', { name: 'Change and delete' }).click()
      await page.getByText('Saved.').waitFor()
      expect(await daysOfRaw()).toBe(1)
    })
  })

  describe.skipIf(missing)('of accounts', () => {
    it('add a user, who then logs in and sees but cannot change', async () => {
      await open('users')
      await page.getByLabel('Name', { exact: true }).fill(vera.username)
      await page.getByLabel('Password of the new user').fill(vera.password)
      await page.getByRole('button', { name: 'Add user' }).click()
      await page.getByText('Added.').waitFor()
      expect(await seriousFaults(visitor)).toEqual([])

      const other = await site.visit()
      await site.logIn(other, vera, '/?view=settings&section=retention')
      await other.page.getByRole('region', { name: 'Retention' }).waitFor()
      await other.page.getByLabel('Raw samples, days').waitFor()
      expect(await other.page.getByLabel('Raw samples, days').isDisabled()).toBe(true)
      expect(await other.page.getByRole('button', { name: 'Save' }).count()).toBe(0)
      const sections = other.page.getByRole('navigation', { name: 'Settings' }).getByRole('link')
      expect(await sections.allTextContents()).toEqual([
        'Retention',
        'Sampling',
        'Hosts',
        'Projects',
        'Password',
        'About',
      ])

      await other.page.getByRole('link', { name: 'Password' }).click()
      await other.page.getByLabel('Current password').fill('wrong')
      await other.page.getByLabel('New password').fill('another long password')
      await other.page.getByRole('button', { name: 'Change' }).click()
      await other.page.getByText('Current password is incorrect').waitFor()
      await other.page.getByLabel('Current password').fill(vera.password)
      await other.page.getByRole('button', { name: 'Change' }).click()
      await other.page.getByText('The password is changed').waitFor()
      expect(await seriousFaults(other)).toEqual([])
      expect(other.faults).toEqual([])
      await other.close()
    })

    it('remove a user after a question', async () => {
      await page.getByRole('button', { name: 'Remove vera' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
      await page.getByText('vera is removed.').waitFor()
      await page.getByRole('button', { name: 'Remove vera' }).waitFor({ state: 'detached' })
    })

    it('make a token that is shown once and writes, and revoke it', async () => {
      await open('tokens')
      await page.getByLabel('Name', { exact: true }).fill('laptop')
      await page.getByRole('button', { name: 'Make a token' }).click()
      const token = (await page.locator('.made code').textContent()) ?? ''
      const push = () =>
        fetch(`${site.server().url}/api/v2/write?bucket=pushed&precision=s`, {
          method: 'POST',
          headers: { authorization: `Token ${token}` },
          body: `weather temperature=12 ${Math.floor(Date.now() / 1000)}`,
        })
      expect((await push()).status).toBe(204)
      expect(await seriousFaults(visitor)).toEqual([])
      await page.reload()
      await page.getByRole('cell', { name: 'laptop', exact: true }).waitFor()
      expect(await page.getByText(token).count()).toBe(0)
      await page.getByRole('button', { name: 'Revoke laptop' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
      await page.getByText('laptop is revoked.').waitFor()
      expect((await push()).status).toBe(401)
    })

    it('add and remove a project', async () => {
      await open('projects')
      await page.getByLabel('Title').fill('shop')
      await page.getByRole('button', { name: 'Add project' }).click()
      await page.getByRole('cell', { name: 'shop', exact: true }).waitFor()
      await page.getByRole('button', { name: 'Remove shop' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click()
      await page.getByText('shop is removed.').waitFor()
    })

    it('delete another host after a question', async () => {
      await open('hosts')
      await page.getByRole('button', { name: 'Delete demo' }).click()
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
      await page.getByText('The points of demo are being deleted.').waitFor()
      await page.getByRole('button', { name: 'Delete demo' }).waitFor({ state: 'detached' })
    })
  })

  describe.skipIf(missing)('of the server', () => {
    it('apply another sampling interval', async () => {
      await open('sampling')
      await page.getByLabel('A sample every, seconds').fill('30')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByText('Saved, and applied.').waitFor()
      expect(await site.server().get('/api/config')).toMatchObject({
        sampling_interval_seconds: 30,
      })
    })

    it('say what doctor says', async () => {
      await open('doctor')
      // it asks InfluxDB for all there is, which deletes a host meanwhile; the server gives it a minute
      await page.getByText(/ is broken\.$/).waitFor({ timeout: 60_000 })
      const broken = page.getByRole('listitem').filter({ has: page.getByLabel('broken') })
      expect(await broken.allTextContents()).toEqual([])
      await page.getByText('Nothing is broken.').waitFor()
      await page.getByRole('listitem').filter({ hasText: process.versions.node }).waitFor()
      expect(await seriousFaults(visitor)).toEqual([])
    }, 70_000)

    it('say what this is', async () => {
      await open('about')
      await page.getByRole('heading', { name: /^PerfWatch \d/ }).waitFor()
    })

    it('leave nothing wrong unseen', () => {
      expect(visitor.faults).toEqual([])
    })
  })
})
