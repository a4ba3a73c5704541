import { describe, expect, it } from 'vitest'
import { openTemporary, refusalOf, START } from './testing.ts'

const setUp = async () => {
  const { accounts, clock } = await openTemporary()
  const ann = await accounts.users.create({ username: 'Ann', password: 'x', role: 'client' })
  return { projects: accounts.projects, clock, ann }
}
const unknown = { code: 'not-found', detail: 'Project not found' }

describe('projects', () => {
  it('are listed by title, all or those of an owner', async () => {
    const { projects, ann, clock } = await setUp()
    const zoo = await projects.create({ title: 'Zoo', ownerId: ann.id })
    clock.advance(1_000)
    const bar = await projects.create({ title: 'bar', ownerId: 1 })
    expect(zoo).toEqual({ id: 1, title: 'Zoo', owner: 'Ann', createdAt: START })
    expect(bar).toEqual({ id: 2, title: 'bar', owner: 'admin', createdAt: START + 1_000 })
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
})
