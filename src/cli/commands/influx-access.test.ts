import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AppError } from '../../app-error.ts'
import { runCli } from '../testing/run-cli.ts'

const ACCESS = { url: 'http://127.0.0.1:8086', org: 'perfwatch', bucket: 'perfwatch', token: 'a"b' }

const run = (args: readonly string[]) =>
  runCli(args, { rooms: { influxAccess: async () => ACCESS } })
const configs = () => join(mkdtempSync(join(tmpdir(), 'perfwatch-cli-')), 'influx', 'configs')

const PROFILE = `[perfwatch]
  url = "http://127.0.0.1:8086"
  token = "a\\"b"
  org = "perfwatch"
`

describe('perfwatch influx-config', () => {
  it('writes a profile that others cannot read, and its folder', async () => {
    const path = configs()
    const { code, out } = await run(['influx-config', '--path', path])
    expect(code).toBe(0)
    expect(out).toContain(`The profile perfwatch is in ${path}.`)
    expect(readFileSync(path, 'utf8')).toBe(PROFILE)
    expect(statSync(path).mode & 0o777).toBe(0o600)
  })

  it('leaves other profiles alone, and takes its own place again', async () => {
    const path = configs()
    await run(['influx-config', '--path', path])
    const other = '[work]\n  url = "http://example.org"\n  active = true\n'
    writeFileSync(path, `${other}\n${readFileSync(path, 'utf8')}`)
    await run(['influx-config', '--path', path])
    expect(readFileSync(path, 'utf8')).toBe(`${other}\n${PROFILE}`)
  })

  it('becomes the active one when it is told to, alone', async () => {
    const path = configs()
    await run(['influx-config', '--path', path, '--name', 'work', '--active'])
    await run(['influx-config', '--path', path, '--active'])
    const active = readFileSync(path, 'utf8').match(/active = true/g)
    expect(active).toHaveLength(1)
    expect(readFileSync(path, 'utf8')).toMatch(/\[perfwatch\][^[]*active = true/)
  })

  it('prints it and writes nothing', async () => {
    const path = configs()
    expect(await run(['influx-config', '--path', path, '--print'])).toEqual({
      code: 0,
      out: PROFILE,
      err: '',
    })
    expect(() => statSync(path)).toThrow('ENOENT')
  })

  it('refuses a name that would be another table', async () => {
    const { code, err } = await run(['influx-config', '--name', 'a]\n[b'])
    expect(code).not.toBe(0)
    expect(err).toContain('--name must be of letters, digits, _ and -')
  })

  it('says what to do where there is no InfluxDB', async () => {
    const detail = 'The data is in the embedded store, which has no tokens.'
    const rooms = {
      influxAccess: () => Promise.reject(new AppError({ code: 'not-found', detail })),
    }
    const { code, err } = await runCli(['influx-config'], { rooms })
    expect(code).not.toBe(0)
    expect(err).toContain(detail)
  })
})

describe('perfwatch grafana-token', () => {
  it.each([
    [['--token-only'], 'a"b\n'],
    [
      [],
      `Query language  Flux
URL             http://127.0.0.1:8086
Organization    perfwatch
Default bucket  perfwatch
Token           a"b
`,
    ],
  ])('%j', async (args, out) => {
    expect(await run(['grafana-token', ...args])).toEqual({ code: 0, out, err: '' })
  })
})
