import { describe, expect, it } from 'vitest'
import { DAY, HOUR, instant, MINUTE, type Instant } from '../../points/instant.ts'
import { createMemoryStore } from '../../testing/memory-store.ts'
import { roomsOf } from '../testing/demo-store.ts'
import { CLI_NOW, runCli } from '../testing/run-cli.ts'

const level = (usage: number) => () => usage
/** Up by 20 and down by 20 within the hour. */
const rhythm = (usage: number) => (index: number) => usage + 20 * Math.sin(index / 10)

/**
 * `here` had 50 % yesterday and has 60 % today, but for a little noise; `still` has nothing of yesterday; `rhythm` is as `here`, in
 * the mean over an hour in which it goes up and down; of `short` there are seven minutes.
 */
const storeOf = async () => {
  const store = createMemoryStore({ clock: { now: () => CLI_NOW } })
  const write = (host: string, from: number, usage: (index: number) => number, length = 60) =>
    store.write(
      'metrics',
      Array.from({ length }, (_, index) => ({
        measurement: 'cpu',
        tags: { host },
        fields: { usage_percent: usage(index) + (index % 5) - 2, iowait: 0.5, steal: 0 },
        at: instant(from + index * MINUTE) satisfies Instant,
      })),
    )
  await write('here', CLI_NOW - DAY - HOUR, level(50))
  await write('here', CLI_NOW - HOUR, level(60))
  await write('still', CLI_NOW - HOUR, level(60))
  await write('rhythm', CLI_NOW - DAY - HOUR, rhythm(50))
  await write('rhythm', CLI_NOW - HOUR, rhythm(60))
  await write('short', CLI_NOW - DAY - HOUR, level(50), 7)
  await write('short', CLI_NOW - HOUR, level(60), 7)
  await store.rollUp()
  return store
}

const store = await storeOf()
const compare = (...argv: string[]) => runCli(['compare', ...argv], { rooms: roomsOf(store) })
const hour = ['cpu', '--period', 'hour', '--to', 'yesterday']

describe('perfwatch compare', () => {
  it('shows both periods and a row per field with its change', async () => {
    const { code, out, err } = await compare(...hour, '--fields', 'usage_percent,iowait,idle')
    expect({ code, err }).toEqual({ code: 0, err: '' })
    const lines = out.split('\n')
    expect(lines.slice(0, 5)).toEqual([
      'cpu · windows of 1m',
      '  now     2025-01-18 11:00 … 12:00 UTC · 60 windows',
      '  before  2025-01-17 11:00 … 12:00 UTC · 60 windows',
      '  in all  +20.0 % of the primary value',
      '',
    ])
    expect(lines[5]).toMatch(/^field +before +now +change +effect +significant +before +now$/)
    expect(lines[6]).toMatch(
      /^usage_percent +50\.0 % +60\.0 % +\+20\.0 % +\d\.\d\d +yes +[▁▂▃]+ +[▆▇█]+$/,
    )
    expect(lines[7]).toMatch(/^iowait +0\.5 % +0\.5 % +±0\.0 % /)
    expect(lines[8]).toMatch(/^idle +– +– +– +– +–$/)
  })

  it.each([
    [['usage_percent>+10%'], 1, '✗ usage_percent>+10%: changed by +20.0 %'],
    [['usage_percent>+25%'], 0, '✓ usage_percent>+25%: changed by +20.0 %'],
    [['usage_percent<-10%'], 0, '✓ usage_percent<-10%: changed by +20.0 %'],
    [['usage_percent>55'], 1, '✗ usage_percent>55: is 60.0 %'],
    [['primary>+10%'], 1, '✗ primary>+10%: changed by +20.0 %'],
    [['iowait>5', 'usage_percent>+10%'], 1, '✓ iowait>5: is 0.5 %\n✗ usage_percent'],
    [['idle>5'], 3, '? idle>5: cannot be judged, idle has no values in the current period'],
    [['steal>+5%'], 3, '? steal>+5%: cannot be judged, steal was 0 in the period to compare with'],
    [['idle>5', 'usage_percent>+10%'], 1, '✗ usage_percent>+10%'],
  ])('--fail-if %j ends with %d', async (conditions, code, line) => {
    const result = await compare(...hour, ...conditions.flatMap((one) => ['--fail-if', one]))
    expect(result).toMatchObject({ code, err: '' })
    expect(result.out).toContain(line)
  })

  it('does not take a period without data for "nothing changed"', async () => {
    const result = await compare(...hour, '--host', 'still', '--fail-if', 'usage_percent>+10%')
    expect(result.code).toBe(3)
    expect(result.out).toContain(
      'cannot be judged, usage_percent has no values in the period to compare with',
    )
  })

  it('passes over a change within chance with --significant', async () => {
    const argv = [...hour, '--fail-if', 'iowait>=+0%']
    expect((await compare(...argv)).code).toBe(1)
    const result = await compare(...argv, '--significant')
    expect(result.code).toBe(0)
    expect(result.out).toContain('✓ iowait>=+0%: changed by ±0.0 %, but that is within chance')
  })

  it('sees a change behind a rhythm, in the table and as a check', async () => {
    const argv = [...hour, '--host', 'rhythm', '--fields', 'usage_percent']
    const check = ['--fail-if', 'usage_percent>+10%', '--significant']
    const { fields } = JSON.parse((await compare(...argv, '--json')).out).summary
    expect(fields.usage_percent).toMatchObject({ significant: false, significant_paired: true })
    const result = await compare(...argv, ...check)
    expect(result.code).toBe(1)
    expect(result.out).toMatch(/^usage_percent .* yes /m)
    expect(result.out).toContain('✗ usage_percent>+10%: changed by +19.9 %')
  })

  it.each([
    ['short', 'usage_percent>+10%', 'usage_percent is not tested for chance'],
    ['here', 'primary>+10%', 'primary is not tested for chance; name its field instead'],
  ])('passes no check by what was not tested: %s %s', async (host, condition, why) => {
    const argv = [...hour, '--host', host, '--fail-if', condition]
    expect((await compare(...argv)).code).toBe(1)
    const result = await compare(...argv, '--significant')
    expect(result.code).toBe(3)
    expect(result.out).toContain(`? ${condition}: cannot be judged, ${why}`)
  })

  it('compares periods of one’s own', async () => {
    const { code, out } = await compare(
      'cpu',
      '--current',
      '1h..now',
      '--with',
      '25h..24h',
      '--json',
    )
    const answer = JSON.parse(out)
    expect({
      code,
      period: answer.period,
      start: answer.current.start_time,
      change: answer.summary.change_percent,
    }).toEqual({
      code: 0,
      period: 'custom',
      start: '2025-01-18T11:00:00Z',
      change: 20,
    })
  })

  it('adds the verdicts to the JSON', async () => {
    const { code, out } = await compare(
      ...hour,
      '--json',
      '--fail-if',
      'usage_percent>+10%',
      '--fail-if',
      'idle>5',
    )
    expect(code).toBe(1)
    expect(JSON.parse(out).conditions).toEqual([
      { condition: 'usage_percent>+10%', verdict: 'holds', is: 20 },
      { condition: 'idle>5', verdict: 'unknown', why: 'idle has no values in the current period' },
    ])
  })

  it.each([
    [['cpu'], 'Give --period and --to, or --current and --with.'],
    [['cpu', '--period', 'day'], 'Give --period and --to, or --current and --with.'],
    [['cpu', '--current', '1h..now'], 'Give --period and --to, or --current and --with.'],
    [[...hour, '--current', '1h..now', '--with', '3h..2h'], 'Give --period and --to, or'],
    [
      ['cpu', '--period', 'year', '--to', 'yesterday'],
      'Invalid period. Must be one of: day, hour, week',
    ],
    [
      ['cpu', '--period', 'day', '--to', 'never'],
      'Invalid compare_to. Must be one of: last_week, yesterday',
    ],
    [['cpu', '--current', '1h..now', '--with', '3h..1h'], 'must have the same duration'],
    [['cpu', '--current', '1h', '--with', '3h..2h'], "--current: '1h' is not a period."],
    [[...hour, '--fail-if', 'usage_percent>10%'], 'write usage_percent>+10% for a change'],
    [
      [...hour, '--fail-if', 'usage>+10%'],
      '--fail-if: cpu has no field usage; it has primary, usage_percent,',
    ],
    [[...hour, '--fields', 'usage'], '--fields: cpu has no usage; it has usage_percent,'],
  ])('%j is a wrong command line', async (argv, sentence) => {
    const result = await compare(...argv)
    expect(result).toMatchObject({ code: 2, out: '' })
    expect(result.err).toContain(sentence)
  })
})
