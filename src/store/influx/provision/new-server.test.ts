import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { influxAdmin } from '../../../testing/influx-admin.ts'
import { startInfluxd, type InfluxServer } from '../../../testing/influxd.ts'
import { bucketName, SHELVES } from '../buckets.ts'
import { binaries } from '../testing.ts'
import { provision } from './provision.ts'
import {
  expectAllThere,
  keptTokens,
  OPERATOR,
  optionsFor,
  provisionFolder,
  randomText,
} from './testing.ts'
import { TOKENS_FILE } from './tokens-file.ts'

let folder: string
beforeEach(() => {
  folder = provisionFolder()
})
afterEach(() => rmSync(folder, { recursive: true }))

describe.skipIf(binaries === null)('provisioning a new InfluxDB', () => {
  let server: InfluxServer
  beforeEach(async () => {
    if (binaries !== null) server = await startInfluxd(binaries, ['--no-tasks'])
  })
  afterEach(() => server.end())

  it('sets it up with a token of our own, and makes buckets, tasks and scoped tokens', async () => {
    const { tokens, problems } = await provision(optionsFor(folder, server.url, 'perfwatch'))
    expect(problems).toEqual([])
    const { operator, scoped, instance } = keptTokens(folder)
    const admin = influxAdmin(server.url, operator?.token ?? '')
    const there = await expectAllThere(admin, 'perfwatch')
    expect(tokens).toEqual({
      writer: scoped.writer?.token,
      roller: scoped.roller?.token,
      reader: scoped.reader?.token,
      operator: operator?.token,
    })
    expect(statSync(join(folder, TOKENS_FILE)).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder)).toEqual([TOKENS_FILE])

    const names = new Map(there.buckets.map(({ id, name }) => [id, name.replace('perfwatch', '')]))
    const rights = Object.fromEntries(
      there.tokens.map(({ description, permissions }) => [
        description,
        permissions.map(
          ({ action, resource }) =>
            `${action} ${resource.type}${names.get(resource.id ?? '') ?? ' all of them'}`,
        ),
      ]),
    )
    const all = SHELVES.map((shelf) => bucketName('', shelf))
    const tiers = ['_1m', '_5m', '_1h']
    expect(rights).toEqual({
      [`PerfWatch writer of perfwatch (${instance})`]: all
        .filter((name) => !tiers.includes(name))
        .map((name) => `write buckets${name}`),
      [`PerfWatch roller of perfwatch (${instance})`]: [
        ...['', ...tiers].map((name) => `read buckets${name}`),
        ...tiers.map((name) => `write buckets${name}`),
      ],
      [`PerfWatch reader of perfwatch (${instance})`]: all.map((name) => `read buckets${name}`),
      [`PerfWatch grafana of perfwatch (${instance})`]: all.map((name) => `read buckets${name}`),
    })

    // again: nothing is made or changed
    const tokensBefore = keptTokens(folder)
    await provision(optionsFor(folder, server.url, 'perfwatch'))
    expect(await expectAllThere(admin, 'perfwatch')).toEqual(there)
    expect(keptTokens(folder)).toEqual(tokensBefore)
  })

  it('uses INFLUX_TOKEN as the operator token where it is given', async () => {
    await provision(optionsFor(folder, server.url, 'acme', { token: OPERATOR }))
    await expectAllThere(influxAdmin(server.url, OPERATOR), 'acme')
  })

  it('goes on where a start has ended between choosing the token and telling it', async () => {
    const operator = { username: 'perfwatch', password: randomText(), token: randomText() }
    writeFileSync(
      join(folder, TOKENS_FILE),
      JSON.stringify({ instance: 'x', operator, scoped: {} }),
    )
    await provision(optionsFor(folder, server.url, 'perfwatch'))
    expect(keptTokens(folder).operator).toEqual(operator)
    await expectAllThere(influxAdmin(server.url, operator.token), 'perfwatch')
  })

  it('by two at once, with a common token, gives one of everything', async () => {
    const other = provisionFolder()
    try {
      const both = [folder, other].map((at) =>
        provision(optionsFor(folder, server.url, 'perfwatch', { token: OPERATOR, folder: at })),
      )
      await Promise.all(both)
      // whoever looked last has put it in order
      await provision(optionsFor(folder, server.url, 'perfwatch', { token: OPERATOR }))
      const { tokens } = await expectAllThere(influxAdmin(server.url, OPERATOR), 'perfwatch')
      expect(tokens).toHaveLength(8)
      expect(keptTokens(folder).instance).not.toBe(keptTokens(other).instance)
    } finally {
      rmSync(other, { recursive: true })
    }
  })
})
