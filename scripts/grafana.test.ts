import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { influxForTests } from '../src/testing/influxd.ts'
import { ALERTS } from './generators/grafana/alerts.ts'
import {
  askedVariables,
  fixedChoices,
  interpolated,
  queriesOf,
  type Chosen,
  type Shown,
} from './testing/as-grafana.ts'
import { DASHBOARDS } from './generators/grafana/dashboards.ts'
import { rowsOf, startInfluxProduct, type InfluxProduct } from './testing/influx-product.ts'

// Every query of the dashboards and of the alert rules, filled in as Grafana would, on a real InfluxDB and with the token
// that Grafana gets. No Grafana can be had here; what it makes of the answers was not seen.

const HOUR = 3600_000
const RANGES = [HOUR, 24 * HOUR, 30 * 24 * HOUR]
const DAYS = 2

/** What a made-up host has not: hardware counters beside those of the kernel. */
const EMPTY_ON_DEMO = /^(Hardware counters|annotation Boots|Boots)/

const HOSTILE = ['a"b', String.raw`\${1 + 1}`, 'x/y', String.raw`tail\\`, '.*', '🙂 (', "it's"]

const binaries = influxForTests()

describe.skipIf(binaries === null)('the dashboards', () => {
  let product: InfluxProduct
  let access: { url: string; organization: string; bucket: string; token: string }

  const ask = async (query: string) => {
    const answer = await fetch(`${access.url}/api/v2/query?org=${access.organization}`, {
      method: 'POST',
      headers: {
        authorization: `Token ${access.token}`,
        'content-type': 'application/vnd.flux',
        accept: 'application/csv',
      },
      body: query,
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${answer.status} ${text}\n${query}`)
    return rowsOf(text)
  }

  const lately = (lengthMs: number): Shown => ({
    from: Date.now() - lengthMs,
    to: Date.now(),
    points: 800,
  })

  /** Chooses all that there is of each variable; the host is `demo`. */
  const allOf = async (name: string): Promise<Chosen> => {
    const dashboard = DASHBOARDS.get(name) ?? {}
    let chosen: Chosen = fixedChoices(dashboard as never)
    for (const { name: variable, query } of askedVariables(dashboard as never)) {
      const rows = await ask(interpolated(query, chosen, lately(HOUR)))
      const values = rows.map((row) => row['_value'] ?? '')
      chosen = { ...chosen, [variable]: variable === 'host' ? ['demo'] : values }
    }
    return chosen
  }

  beforeAll(async () => {
    if (binaries === null) return
    product = await startInfluxProduct(binaries, DAYS)
    access = JSON.parse(await product.cli('grafana-token', '--json')) as typeof access
  }, 180_000)
  afterAll(() => product?.end())

  it('get a token that reads and can do nothing else', async () => {
    const write = await fetch(
      `${access.url}/api/v2/write?org=${access.organization}&bucket=${access.bucket}`,
      { method: 'POST', headers: { authorization: `Token ${access.token}` }, body: 'x y=1' },
    )
    expect(write.status).toBe(403)
    for (const path of ['tasks', 'authorizations', 'users']) {
      const answer = await fetch(`${access.url}/api/v2/${path}`, {
        headers: { authorization: `Token ${access.token}` },
      })
      const body = (await answer.json()) as Record<string, unknown>
      const seen = answer.ok ? body[path] : []
      expect([path, seen]).toEqual([path, []])
    }
  })

  describe.each([...DASHBOARDS.keys()])('%s', (name) => {
    const dashboard = DASHBOARDS.get(name)
    if (dashboard === undefined) throw new Error(`There is no dashboard ${name}.`)
    const queries = queriesOf(dashboard)

    it('finds values for its variables', async () => {
      const chosen = await allOf(name)
      for (const { name: variable } of askedVariables(dashboard))
        expect([variable, chosen[variable]?.length]).not.toEqual([variable, 0])
    })

    it.each(RANGES)(
      'answers over %d ms, with rows where there is data',
      async (length) => {
        const chosen = await allOf(name)
        const empty: string[] = []
        for (const { where, query } of queries) {
          const rows = await ask(interpolated(query, chosen, lately(length)))
          if (rows.length === 0 && !EMPTY_ON_DEMO.test(where)) empty.push(where)
        }
        // the past of the demo does not reach as far as the comparison with the day before a month ago
        const compared = name === 'compare' && length > HOUR
        expect(compared ? empty.filter((where) => !where.endsWith(' B')) : empty).toEqual([])
      },
      60_000,
    )

    it.each([
      ['nothing', ['']],
      ['what nobody expects', HOSTILE],
      ['one of those', HOSTILE.slice(0, 1)],
      ['another', HOSTILE.slice(1, 2)],
    ])(
      'answers when %s is chosen',
      async (_, values) => {
        const asked = askedVariables(dashboard).map((one) => [one.name, values] as const)
        const fixed = fixedChoices(dashboard)
        const text = 'text' in fixed ? { text: [values[0] ?? ''] } : {}
        const chosen = { ...fixed, ...Object.fromEntries(asked), ...text }
        for (const { query } of queries) await ask(interpolated(query, chosen, lately(24 * HOUR)))
        for (const { query } of askedVariables(dashboard))
          await ask(interpolated(query, chosen, lately(HOUR)))
      },
      60_000,
    )

    it('never asks for raw over a month', () => {
      const chosen = Object.fromEntries(
        (dashboard.templating?.list ?? []).map(({ name: variable }) => [variable, ['x']] as const),
      )
      // the bucket is picked in the script, by the range that is shown
      for (const { where, query } of queries)
        if (query.includes('v.timeRangeStart') && query.includes('from(bucket: bucket)'))
          expect([where, interpolated(query, chosen, lately(30 * 24 * HOUR))]).toEqual([
            where,
            expect.stringContaining('if hours > 360'),
          ])
        else
          expect(where + query).not.toMatch(
            /from\(bucket: "\$\{prefix\}"\)\n\s+\|> range\(start: v\./,
          )
    })
  })

  it.each(ALERTS.groups.flatMap(({ rules }) => rules))(
    'the rule $title answers',
    async ({ data }) => {
      const [first] = data
      const query = first !== undefined && 'query' in first.model ? first.model.query : ''
      expect((await ask(query)).every((row) => Number.isFinite(Number(row['_value'])))).toBe(true)
    },
  )
})
