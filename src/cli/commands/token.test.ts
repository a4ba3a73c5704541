import { describe, expect, it } from 'vitest'
import { withFreshAccounts } from '../testing/run-with-accounts.ts'

const plain = {
  id: 1,
  dataset: null,
  host: null,
  project: null,
  prefix: null,
  agent: false,
  metrics: false,
  points_per_second: 100_000,
  max_series: 10_000,
  created_at: '2025-01-18T10:00:00Z',
  last_used: null,
}

describe('perfwatch token', () => {
  it('writes the value alone, once; the list does not know it', async () => {
    const { run, open } = withFreshAccounts()
    const made = await run(['token', 'add', 'build', '--prefix', 'build_', '--host', 'ci'])
    expect(made).toMatchObject({ code: 0, err: '' })
    expect(made.out).toMatch(/^\S{20,}\n$/)
    const listed = await run(['token', 'list'])
    expect(listed.out).toBe(
      [
        'name   kind  dataset  host  project  prefix  created           last used',
        'build  push  –        ci    –        build_  2025-01-18 10:00  –',
        '',
      ].join('\n'),
    )
    expect(JSON.parse((await run(['token', 'list', '--json'])).out)).toEqual({
      tokens: [{ ...plain, name: 'build', host: 'ci', prefix: 'build_' }],
    })
    const accounts = await open()
    expect((await accounts.tokens.verify(made.out.trim()))?.name).toBe('build')
    await accounts.close()
  })

  it.each([
    [['--dataset', 'logs'], { dataset: 'logs' }],
    [['--project', 'SHOP'], { project: 'shop' }],
    [['--agent', '--host', 'web-1'], { agent: true, host: 'web-1' }],
    [['--metrics'], { metrics: true }],
    [['--points-per-second', '5', '--max-series', '7'], { points_per_second: 5, max_series: 7 }],
  ])('makes one with the scope %j', async (options, scope) => {
    const { run } = withFreshAccounts()
    await run(['project', 'add', 'shop'])
    expect(await run(['token', 'add', 'one', ...options])).toMatchObject({ code: 0, err: '' })
    expect(JSON.parse((await run(['token', 'list', '--json'])).out)).toEqual({
      tokens: [{ ...plain, name: 'one', ...scope }],
    })
  })

  it.each([
    [['--agent'], 'agent: such a token writes the metrics of one host; give host too'],
    [['--dataset', 'journal'], 'dataset must be one of: pushed, metrics, events, logs'],
    [['--project', 'unknown'], 'project must be the title of a project'],
    [['--metrics', '--agent', '--host', 'a'], 'metrics: such a token only reads /metrics'],
    [['--max-series', 'many'], 'max_series must be a whole number from 1 to 10000000'],
    [['--points-per-second', '0'], 'points_per_second must be a whole number from 1 to 10000000'],
  ])('refuses the scope %j in one sentence', async (options, sentence) => {
    const { run } = withFreshAccounts()
    const result = await run(['token', 'add', 'one', ...options])
    expect(result).toMatchObject({ code: 2, out: '' })
    expect(result.err).toContain(sentence)
  })

  it('says where a token opens nothing, beside the value and not in it', async () => {
    const { run } = withFreshAccounts()
    const result = await run(['token', 'add', 'one', '--dataset', 'metrics', '--host', 'web-1'])
    expect(result).toEqual({
      code: 0,
      out: expect.stringMatching(/^pw_\S{32}\n$/),
      err: 'note: only a token with --agent may write metrics; this one writes nothing.\n',
    })
  })

  it('revokes by name', async () => {
    const { run } = withFreshAccounts()
    await run(['token', 'add', 'build'])
    expect(await run(['token', 'revoke', 'build'])).toEqual({
      code: 0,
      out: 'Revoked build.\n',
      err: '',
    })
    expect(await run(['token', 'revoke', 'build'])).toEqual({
      code: 1,
      out: '',
      err: 'error: There is no token build; perfwatch token list shows what there is.\n',
    })
  })

  it('refuses a name that is taken', async () => {
    const { run } = withFreshAccounts()
    await run(['token', 'add', 'build'])
    expect(await run(['token', 'add', 'build'])).toMatchObject({ code: 1, out: '' })
  })
})
