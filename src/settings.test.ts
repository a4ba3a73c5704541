import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { AppError } from './app-error.ts'
import { parseSettings } from './settings.ts'

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

  it('split lists at commas', () => {
    expect(parseSettings({ ALLOWED_HOSTS: 'a.example, b.example,' }).ALLOWED_HOSTS).toEqual([
      'a.example',
      'b.example',
    ])
  })
})
