import { expect, test } from 'vitest'
import { AppError, ERROR_CODES } from '../app-error.ts'
import { HttpRefusal } from '../http/refusal.ts'
import { failureOf } from './failure.ts'

const id = () => 'abc123'

test('every code of the product has its status', () => {
  const statuses = ERROR_CODES.map((code) => {
    const { status, errorId } = failureOf(new AppError({ code, detail: 'x' }), id)
    return [code, status, errorId !== undefined]
  })
  expect(statuses).toEqual([
    ['invalid', 400, false],
    ['unauthenticated', 401, false],
    ['forbidden', 403, false],
    ['not-found', 404, false],
    ['conflict', 409, false],
    ['too-large', 413, false],
    ['too-many', 429, false],
    ['unavailable', 503, false],
    ['setup', 500, true],
  ])
})

test.each([
  [
    'a throttle',
    new AppError({ code: 'too-many', detail: 'Later.', retryAfterSeconds: 4.2 }),
    { detail: 'Later.' },
    { 'Retry-After': '5' },
  ],
  [
    'no credential',
    new AppError({ code: 'unauthenticated', detail: 'Who?' }),
    { detail: 'Who?' },
    { 'WWW-Authenticate': 'Bearer' },
  ],
  [
    'something gone',
    new AppError({ code: 'not-found', detail: 'There is no user 7.' }),
    { detail: 'Resource not found' },
    {},
  ],
  ['a method', new HttpRefusal(405, 'No.', { Allow: 'GET' }), { detail: 'No.' }, { Allow: 'GET' }],
  [
    'a defect',
    new TypeError('x is undefined'),
    { detail: 'Internal server error', error_id: 'abc123' },
    {},
  ],
  ['no error at all', 'thrown', { detail: 'Internal server error', error_id: 'abc123' }, {}],
])('%s', (_, error, body, headers) => {
  expect(failureOf(error, id)).toMatchObject({ body, headers })
})
