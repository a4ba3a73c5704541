import { expect, test } from 'vitest'
import { createLog } from './log.ts'

const SECRET = 'S3CR3T'
const lineOf = (write: (log: ReturnType<typeof createLog>) => void): string => {
  const lines: string[] = []
  write(createLog('info', { write: (line) => void lines.push(line) }))
  return lines.join('')
}

test.each([
  ['hash'],
  ['user_hash'],
  ['token'],
  ['access_token'],
  ['accessToken'],
  ['ticket'],
  ['password'],
  ['passwd'],
  ['new_password'],
  ['Authorization'],
  ['cookie'],
  ['Set-Cookie'],
  ['X-User-Token'],
])('%s is masked at every depth', (key) => {
  const deep = { a: [{ b: { c: { d: { [key]: SECRET } } } }] }
  const line = lineOf((log) => {
    log.info({ [key]: SECRET, ...deep }, 'x')
    log.error({ err: Object.assign(new Error('x'), { request: { headers: { [key]: SECRET } } }) })
  })
  expect(line).not.toContain(SECRET)
  expect(line.match(/\[hidden\]/g)).toHaveLength(3)
})

test('what is no secret is written as it is, and an error with its stack', () => {
  const line = lineOf((log) =>
    log.info({ err: new Error('broken'), tokens: 3, at: [1, null] }, 'x'),
  )
  expect(JSON.parse(line)).toEqual({
    level: 'info',
    time: expect.any(String),
    err: { type: 'Error', message: 'broken', stack: expect.stringContaining('log.test.ts') },
    tokens: 3,
    at: [1, null],
    msg: 'x',
  })
})

test('what holds itself is cut, not followed for ever', () => {
  const loop: Record<string, unknown> = {}
  loop['loop'] = loop
  expect(lineOf((log) => log.info(loop, 'x'))).toContain('[hidden]')
})
