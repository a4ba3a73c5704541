import { describe, expect, it } from 'vitest'
import type { Role, User } from './accounts.ts'
import { mayReadProject } from './projects.ts'
import { openTemporary, refusalOf, START } from './testing.ts'

const setUp = async () => {
  const { accounts, clock } = await openTemporary()
  const ann = await accounts.users.create({ username: 'Ann', password: 'x', role: 'client' })
  return { accounts, projects: accounts.projects, clock, ann }
}
const unknown = { code: 'not-found', detail: 'Project not found' }

describe('projects', () => {
  it('are listed by title, all or those of an owner', async () => {
    const { projects, ann, clock } = await setUp()
    const zoo = await projects.create({ title: 'Zoo', ownerId: ann.id })
    clock.advance(1_000)
    const bar = await projects.create({ title: 'bar', ownerId: 1 })
    expect(zoo).toEqual({
      id: 1,
      title: 'Zoo',
      owner: 'Ann',
      ownerId: ann.id,
      tokenRequired: false,
      createdAt: START,
    })
    expect(bar).toEqual({
      id: 2,
      title: 'bar',
      owner: 'admin',
      ownerId: 1,
      tokenRequired: false,
      createdAt: START + 1_000,
    })
    expect(await projects.list()).toEqual([bar, zoo])
    expect(await projects.list('ann')).toEqual([zoo])
    for (const nobody of ['nobody', '', 'a:b', '%']) expect(await projects.list(nobody)).toEqual([])
  })

  it('never share a title, also not with a removed one, until that is forgotten', async () => {
    const { projects, ann } = await setUp()
    const make = (title: string) => projects.create({ title, ownerId: ann.id })
    const taken = { code: 'conflict', detail: 'The title SHOP is taken; choose another.' }
    const shop = await make('shop')
    expect(await refusalOf(() => make('SHOP'))).toEqual(taken)
    await projects.remove(shop.id)
    expect(await projects.list()).toEqual([])
    expect(await refusalOf(() => make('SHOP'))).toEqual(taken)
    expect(await refusalOf(() => projects.remove(shop.id))).toEqual(unknown)
    await projects.remove(shop.id, { forget: true })
    const again = await make('SHOP')
    expect(again.id).toBeGreaterThan(shop.id)
    await projects.remove(again.id, { forget: true })
    expect(await refusalOf(() => projects.remove(again.id, { forget: true }))).toEqual(unknown)
  })

  it('need an owner that is there and a title that is one', async () => {
    const { projects } = await setUp()
    for (const ownerId of [99, Number.NaN, -1]) {
      expect(await refusalOf(() => projects.create({ title: 'shop', ownerId }))).toEqual({
        code: 'not-found',
        detail: 'User not found',
      })
    }
    const refusal = await refusalOf(() => projects.create({ title: 'a/b', ownerId: 1 }))
    expect(refusal.code).toBe('invalid')
    expect(await projects.list()).toEqual([])
  })

  it.each([1, 0, 0.5, Number.NaN])('have none with id %d', async (id) => {
    const { projects } = await setUp()
    expect(await refusalOf(() => projects.remove(id))).toEqual(unknown)
  })

  it('are found by their title in any case until they are removed', async () => {
    const { projects, ann } = await setUp()
    const shop = await projects.create({ title: 'Shop', ownerId: ann.id, tokenRequired: true })
    expect(shop.tokenRequired).toBe(true)
    for (const title of ['Shop', 'shop', 'SHOP']) expect(await projects.find(title)).toEqual(shop)
    for (const title of [
      '',
      'sho',
      'Shop ',
      'api',
      '..',
      '%',
      'x'.repeat(1_000_000),
      'sh\u0000op',
    ]) {
      expect(await projects.find(title)).toBeNull()
    }
    await projects.remove(shop.id)
    expect(await projects.find('Shop')).toBeNull()
  })

  it('stay with a removed owner, and go where that is forgotten', async () => {
    const { accounts, projects, ann } = await setUp()
    const shop = await projects.create({ title: 'shop', ownerId: ann.id })
    await accounts.users.remove(ann.id)
    expect(await projects.find('shop')).toEqual(shop)
    await accounts.users.remove(ann.id, { forget: true })
    expect(await projects.find('shop')).toBeNull()
  })

  it.each<[Role, 'own' | 'foreign', boolean]>([
    ['admin', 'foreign', true],
    ['viewer', 'foreign', true],
    ['client', 'own', true],
    ['client', 'foreign', false],
  ])('may be read by a %s whose it is: %s', async (role, whose, may) => {
    const { projects, ann } = await setUp()
    const project = await projects.create({ title: 'shop', ownerId: whose === 'own' ? ann.id : 1 })
    const user: User = { ...ann, role }
    expect(mayReadProject(user, project)).toBe(may)
  })
})
