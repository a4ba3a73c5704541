import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AppError } from './app-error.ts'
import { DOOR_NAMES, parseSettings, type Settings } from './settings.ts'

const refusal = (environment: Record<string, string>): string => {
  try {
    parseSettings(environment)
  } catch (error) {
    if (error instanceof AppError && error.code === 'setup') return error.message
    throw error
  }
  throw new Error('The settings were taken.')
}

describe('settings', () => {
  it('have defaults that run on one host with nothing set', () => {
    expect(parseSettings({})).toMatchObject({
      PORT: 8000,
      HOST: '127.0.0.1',
      DATA_DIR: resolve('data'),
      ADMIN_USERNAME: 'admin',
      JWT_EXPIRE_HOURS: 24,
      METRICS_PUBLIC: false,
      ALLOWED_HOSTS: [],
      BASE_PATH: '',
    })
  })

  it.each([
    ['PORT', '99999'],
    ['PORT', 'eighty'],
    ['JWT_SECRET', 'short'],
    ['SAMPLING_INTERVAL_SECONDS', '0'],
    ['SAMPLING_INTERVAL_SECONDS', '2.5'],
    ['INFLUX_URL', 'not a url'],
    ['METRICS_PUBLIC', 'perhaps'],
    ['BASE_PATH', 'no-slash'],
    ['LOG_LEVEL', 'loud'],
    ['SPEEDLOG_PORT', '65536'],
    ['LOGGER_API_KEY', ' '],
    ['ALLOW_REGISTRATION', 'perhaps'],
    ['DOORS', 'mood,door'],
    ['DOORS', 'mood,none'],
    ['DOORS', ','],
  ])('refuse %s=%s with one sentence that names it', (name, value) => {
    expect(refusal({ [name]: value })).toMatch(new RegExp(`^${name}: [^\\n]+\\.$`))
  })

  it('treat an empty value as not set', () => {
    expect(parseSettings({ PORT: '', ADMIN_PASSWORD: '' }).ADMIN_PASSWORD).toBeUndefined()
  })

  it('take an admin password exactly, blanks included', () => {
    expect(parseSettings({ ADMIN_PASSWORD: ' a b ' }).ADMIN_PASSWORD).toBe(' a b ')
  })

  it('read secrets from files, without the last line break', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'perfwatch-settings-')), 'jwt')
    writeFileSync(file, `${'s'.repeat(40)}\n`)
    expect(parseSettings({ JWT_SECRET_FILE: file }).JWT_SECRET).toBe('s'.repeat(40))
    expect(refusal({ JWT_SECRET_FILE: `${file}.gone` })).toMatch(
      /^JWT_SECRET_FILE: .*cannot be read/,
    )
  })

  it.each([
    [{}, true],
    [{ HOST: 'localhost' }, true],
    [{ HOST: '::1' }, true],
    [{ HOST: '0.0.0.0' }, false],
    [{ HOST: '192.0.2.1' }, false],
    [{ TRUSTED_PROXIES: '127.0.0.1' }, false],
    [{ HOST: '0.0.0.0', ALLOW_REGISTRATION: '1' }, true],
    [{ ALLOW_REGISTRATION: '0' }, false],
  ])('let strangers sign up with %j: %s', (environment, open) => {
    expect(parseSettings(environment).ALLOW_REGISTRATION).toBe(open)
  })

  it.each([
    [undefined, DOOR_NAMES],
    ['', DOOR_NAMES],
    ['all', DOOR_NAMES],
    ['none', []],
    ['speedlog', ['speedlog']],
    ['logger-bot, mood, mood', ['mood', 'logger-bot']],
  ])('open with DOORS=%s the doors %j', (given, doors) => {
    expect(parseSettings({ DOORS: given }).DOORS).toEqual(doors)
  })

  it('give no door a port of its own unless it is asked for', () => {
    const ports = ({
      PERFORMANCE_MONITOR_PORT,
      SPEEDLOG_PORT,
      MOOD_PORT,
      LOGGER_BOT_PORT,
    }: Settings) => [PERFORMANCE_MONITOR_PORT, SPEEDLOG_PORT, MOOD_PORT, LOGGER_BOT_PORT]
    expect(ports(parseSettings({}))).toEqual([undefined, undefined, undefined, undefined])
    const given = { PERFORMANCE_MONITOR_PORT: '8080', SPEEDLOG_PORT: '0', LOGGER_BOT_PORT: '80' }
    expect(ports(parseSettings(given))).toEqual([8080, 0, undefined, 80])
  })

  it('split lists at commas', () => {
    expect(parseSettings({ ALLOWED_HOSTS: 'a.example, b.example,' }).ALLOWED_HOSTS).toEqual([
      'a.example',
      'b.example',
    ])
  })
})
