import { createHash } from 'node:crypto'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { instant } from '../../points/instant.ts'
import { openDoor, START, type OpenDoor } from '../testing.ts'
import { loggerBot } from './door.ts'

const KEY = 'the key of the tests'
const ADDED = { code: 200, message: 'Logs added successfully' }
const BAD = { code: 400, message: 'BadRequest' }
const FORBIDDEN = { code: 403, message: 'Forbidden' }
const md5 = (text: string) => createHash('md5').update(text).digest('hex')

describe('LoggerBot', () => {
  let door: OpenDoor
  const TOKEN = md5('annsecret')

  const createUser = (body: unknown, key: string | undefined = KEY) =>
    door.ask('POST', '/create_user', {
      body,
      headers: {
        'content-type': 'application/json',
        ...(key !== undefined && { 'X-Api-Key': key }),
      },
    })
  const send = (body: unknown, token: string | undefined = TOKEN, path = '/send_logs') =>
    door.ask('POST', path, {
      body,
      headers: {
        'content-type': 'application/json; charset=utf-8',
        ...(token !== undefined && { 'X-User-Token': token }),
      },
    })
  const batch = (logs: readonly unknown[], over: Record<string, unknown> = {}) => ({
    data: {
      user: 'ann',
      pid: 1,
      p_name: 'process',
      post_time: '2025-01-18T10:00:00+00:00',
      logs,
      ...over,
    },
  })
  const line = (msg: string, level: unknown = 'info') => ({
    level,
    msg,
    event_at: '2025-01-18T09:59:58',
    p_description: 'what it is',
  })
  const stored = async (user = 'ann') =>
    door.store.records.find({
      dataset: 'logs',
      measurement: 'log',
      tags: { user },
      range: { from: instant(START - 1e9), to: instant(START + 1e9) },
      order: 'oldest first',
      limit: 10_000,
    })

  beforeAll(async () => {
    door = await openDoor(loggerBot, { LOGGER_API_KEY: KEY })
    await createUser({ user: 'ann', password: 'secret', tel_id: '@ann' })
  })
  afterAll(() => door.close())

  describe('POST /create_user', () => {
    it.each([
      ['a new user', { user: 'new', password: 'x', tel_id: 'tel' }],
      ['a telegram id that is a number', { user: 'num', password: 'x', tel_id: 12345 }],
      ['a user that is there', { user: 'ann', password: 'other', tel_id: 'x' }],
      ['a name of many characters', { user: 'o\'Neil, 😀/.."', password: 'x', tel_id: '' }],
    ])('answers %s with 200', async (_name, body) => {
      expect(await createUser(body)).toMatchObject({ status: 200, body: ADDED })
    })

    it('changes nothing of a user that is there', async () => {
      expect((await send(batch([]))).status).toBe(200)
      expect((await send(batch([]), md5('annother'))).status).toBe(403)
    })

    it('keeps tel_id for admins', async () => {
      const users = await door.accounts.users.list()
      expect(users.find(({ username }) => username === 'ann')?.telId).toBe('@ann')
    })

    it.each([
      ['no key', { user: 'a', password: 'b', tel_id: 'c' }, undefined, 400, BAD],
      ['a blank key', { user: 'a', password: 'b', tel_id: 'c' }, ' ', 400, BAD],
      ['a wrong key', { user: 'a', password: 'b', tel_id: 'c' }, 'wrong', 403, FORBIDDEN],
      ['no user', { password: 'b', tel_id: 'c' }, KEY, 400, BAD],
      ['no password', { user: 'a', tel_id: 'c' }, KEY, 400, BAD],
      ['no tel_id', { user: 'a', password: 'b' }, KEY, 400, BAD],
      ['numbers', { user: 1, password: 2, tel_id: 3 }, KEY, 400, BAD],
      ['an empty name', { user: '', password: 'b', tel_id: 'c' }, KEY, 400, BAD],
      ['a name with a colon', { user: 'a:b', password: 'b', tel_id: 'c' }, KEY, 400, BAD],
      ['no JSON', 'user=a', KEY, 400, BAD],
      ['nothing', '', KEY, 400, BAD],
    ])('%s', async (_name, body, key, status, answer) => {
      const headers: Record<string, string> = key === undefined ? {} : { 'X-Api-Key': key }
      expect(await door.ask('POST', '/create_user', { body, headers })).toMatchObject({
        status,
        body: answer,
      })
    })

    it('takes no key at all while LOGGER_API_KEY is not set', async () => {
      const closed = await openDoor(loggerBot)
      const { status, body } = await closed.ask('POST', '/create_user', {
        body: { user: 'a', password: 'b', tel_id: 'c' },
        headers: { 'X-Api-Key': 'undefined' },
      })
      expect([status, body]).toEqual([403, FORBIDDEN])
      await closed.close()
    })
  })

  describe('POST /send_logs', () => {
    it('keeps a batch, readable at once, once however often it is sent', async () => {
      const body = batch([line('one', 'error'), line('two'), line('two'), line('three', 30)])
      for (let times = 0; times < 3; times += 1)
        expect(await send(body)).toMatchObject({ status: 200, body: ADDED })
      expect((await stored()).map(({ tags, fields }) => [tags['level'], fields['msg']])).toEqual(
        expect.arrayContaining([
          ['error', 'one'],
          ['info', 'two'],
          ['info', 'two'],
          ['warning', 'three'],
        ]),
      )
      expect(await stored()).toHaveLength(4)
    })

    it('keeps a batch of long ago once as well, though it stands at its arrival', async () => {
      const before = (await stored()).length
      const old = batch([{ ...line('ancient'), event_at: '2020-05-05T12:22:22+00:00' }])
      for (let times = 0; times < 2; times += 1) {
        expect((await send(old)).status).toBe(200)
        door.advance(1_000)
      }
      expect(await stored()).toHaveLength(before + 1)
    })

    it('takes the path that the real client asks', async () => {
      expect((await send(batch([line('slashes')]), TOKEN, '//send_logs')).status).toBe(200)
    })

    it.each([
      ['an empty list', []],
      ['odd levels', [line('a', 'loud'), line('b', null), line('c', {}), line('d', 1e300)]],
      ['odd records', [null, 7, 'text', [], {}, { msg: 5 }]],
      ['a blank text', [line('')]],
      ['NUL and half a character', ['{"msg":"a\\u0000b\\ud800"}', line('a\0b')]],
      ['__proto__', [JSON.parse('{"__proto__":{"level":"error"},"msg":"x"}')]],
    ])('keeps %s', async (_name, logs) => {
      expect(await send(batch(logs))).toMatchObject({ status: 200, body: ADDED })
    })

    it('cuts a long text', async () => {
      expect((await send(batch([line('long '.repeat(20_000))]))).status).toBe(200)
      const long = (await stored()).find(({ fields }) => String(fields['msg']).startsWith('long'))
      expect(Buffer.byteLength(String(long?.fields['msg']))).toBeLessThanOrEqual(65_536)
    })

    it.each([
      ['no token', batch([]), undefined],
      ['a short token', batch([]), 'abc'],
      ['33 characters', batch([]), 'a'.repeat(33)],
      ['no data', {}, TOKEN],
      ['data that is a list', { data: [] }, TOKEN],
      ['no user', batch([], { user: undefined }), TOKEN],
      ['a user that is a number', batch([], { user: 5 }), TOKEN],
      ['no pid', batch([], { pid: undefined }), TOKEN],
      ['a pid that is a text', batch([], { pid: '1' }), TOKEN],
      ['no p_name', batch([], { p_name: undefined }), TOKEN],
      ['no logs', batch([], { logs: undefined }), TOKEN],
      ['logs that are an object', batch([], { logs: {} }), TOKEN],
      ['no JSON', '{', TOKEN],
    ])('%s is refused with 400', async (_name, body, token) => {
      const headers: Record<string, string> = token === undefined ? {} : { 'X-User-Token': token }
      expect(await door.ask('POST', '/send_logs', { body, headers })).toMatchObject({
        status: 400,
        body: BAD,
      })
    })

    it.each([
      ['a wrong token', batch([]), 'f'.repeat(32)],
      ['an unknown user', batch([], { user: 'nobody' }), TOKEN],
      ['a user without the credential', batch([], { user: 'admin' }), md5('adminadmin123')],
    ])('%s is refused with 403', async (_name, body, token) => {
      expect(await send(body, token)).toMatchObject({ status: 403, body: FORBIDDEN })
    })

    it('keeps users apart', async () => {
      await createUser({ user: 'bob', password: 'secret', tel_id: '' })
      await send(batch([line('of bob')], { user: 'bob' }), md5('bobsecret'))
      expect((await stored('bob')).map(({ fields }) => fields['msg'])).toEqual(['of bob'])
      expect((await send(batch([], { user: 'bob' }))).status).toBe(403)
    })
  })

  it.each([
    ['POST', '/nothing', 404, { code: 404, message: 'NotFound' }],
    ['GET', '/send_logs', 405, { code: 405, message: 'MethodNotAllowed' }],
  ])('%s %s', async (method, path, status, body) => {
    expect(await door.ask(method, path)).toMatchObject({ status, body })
  })

  it('cuts a body without a length at 1 MB', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(door.port, '127.0.0.1')
      let text = ''
      socket.on('data', (chunk) => (text += chunk.toString('utf8')))
      socket.on('close', () => resolve(text))
      socket.on('error', (error: NodeJS.ErrnoException) =>
        error.code === 'EPIPE' || error.code === 'ECONNRESET' ? resolve(text) : reject(error),
      )
      socket.write(
        `POST /send_logs HTTP/1.1\r\nHost: localhost\r\nX-User-Token: ${TOKEN}\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n`,
      )
      const chunk = 'x'.repeat(64 * 1024)
      for (let sent = 0; sent < 17; sent += 1)
        socket.write(`${chunk.length.toString(16)}\r\n${chunk}\r\n`)
      socket.write('0\r\n\r\n')
    })
    expect(answer).toContain('413')
    expect(answer).toContain('{"code":413,"message":"RequestEntityTooLarge"}')
  })

  it('slows down who guesses, and nobody else', async () => {
    await createUser({ user: 'zoe', password: 'secret', tel_id: '' })
    const zoe = batch([], { user: 'zoe' })
    for (let tries = 0; tries < 10; tries += 1) await send(zoe, 'e'.repeat(32))
    const { status, body, headers } = await send(zoe, md5('zoesecret'))
    expect([status, body]).toEqual([429, { code: 429, message: 'TooManyRequests' }])
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await send(batch([]))).status).toBe(200)
  })

  it('keeps keys and tokens out of the log', () => {
    for (const secret of [KEY, TOKEN, 'secret']) expect(door.lines.join('')).not.toContain(secret)
  })
})
