import { describe, expect, it } from 'vitest'
import { withFreshAccounts } from '../testing/run-with-accounts.ts'

describe('perfwatch project', () => {
  it('adds one of the first admin, or of whom is named, and lists them', async () => {
    const { run } = withFreshAccounts()
    await run(['user', 'add', 'alice', '--role', 'client'], 'correct horse')
    expect(await run(['project', 'add', 'shop', '--owner', 'ALICE'])).toEqual({
      code: 0,
      out: 'Added shop of alice.\n',
      err: '',
    })
    expect(await run(['project', 'add', 'Pay', '--token-required'])).toMatchObject({
      out: 'Added Pay of admin.\n',
    })
    expect((await run(['project', 'list'])).out).toBe(
      [
        'title  owner  events        created',
        'Pay    admin  with a token  2025-01-18 10:00',
        'shop   alice  open          2025-01-18 10:00',
        '',
      ].join('\n'),
    )
    const created_at = '2025-01-18T10:00:00Z'
    expect(JSON.parse((await run(['project', 'list', '--json'])).out)).toEqual({
      projects: [
        { id: 2, title: 'Pay', owner: 'admin', token_required: true, created_at },
        { id: 1, title: 'shop', owner: 'alice', token_required: false, created_at },
      ],
    })
  })

  it('removes one by its title with its tokens; the title is free again only with --purge', async () => {
    const { run } = withFreshAccounts()
    for (const title of ['shop', 'blog']) await run(['project', 'add', title])
    await run(['token', 'add', 'page', '--project', 'shop'])
    expect(await run(['project', 'remove', 'SHOP'])).toEqual({
      code: 0,
      out: 'Removed shop.\n',
      err: '',
    })
    expect(JSON.parse((await run(['token', 'list', '--json'])).out)).toEqual({ tokens: [] })
    expect(await run(['project', 'remove', 'blog', '--purge'])).toMatchObject({ code: 0 })
    expect(await run(['project', 'add', 'shop'])).toMatchObject({ code: 1, out: '' })
    expect(await run(['project', 'add', 'blog'])).toMatchObject({ code: 0 })
  })

  it.each([
    [['add', 'a/b'], 2, 'title must be 1 to 64 letters, digits, "_", "." or "-"'],
    [['add', 'API'], 2, 'title must not be api, which is a path of the server'],
    [['add', 'SHOP'], 1, 'The title SHOP is taken; choose another.'],
    [['add', 'blog', '--owner', 'nobody'], 1, 'There is no user nobody; perfwatch user list'],
    [['remove', 'blog'], 1, 'There is no project blog; perfwatch project list shows what'],
    [['remove', 'a/b'], 1, 'There is no project a/b; perfwatch project list shows what'],
    [['add'], 2, "missing required argument 'title'"],
  ])('%j is refused in one sentence', async (argv, code, sentence) => {
    const { run } = withFreshAccounts()
    await run(['project', 'add', 'shop'])
    const result = await run(['project', ...argv])
    expect(result).toMatchObject({ code, out: '' })
    expect(result.err).toContain(sentence)
  })
})
