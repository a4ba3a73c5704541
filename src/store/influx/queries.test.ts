import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { startFakeHttp, type FakeHttp } from '../../testing/fake-http.ts'
import { clientFor } from './client.ts'
import { createQueries, type Collector, type QueriesOptions } from './queries.ts'

const csv = (rows: readonly string[]) =>
  [
    '#datatype,string,long,double',
    '#group,false,false,false',
    '#default,_result,,',
    ',result,table,_value',
    ...rows.map((value) => `,,0,${value}`),
    '',
  ].join('\r\n')

const collectValues = (): Collector<readonly number[]> => {
  const values: number[] = []
  return { row: (row) => void values.push(Number(row[2])), answer: () => values }
}

describe('a question to InfluxDB', () => {
  let server: FakeHttp | undefined
  afterEach(async () => {
    await server?.close()
  })

  /** Answers the questions one after the other as told, the last one for ever. */
  const asking = async (
    answers: readonly ((response: ServerResponse) => void)[],
    over: Partial<QueriesOptions> = {},
  ) => {
    let asked = 0
    server = await startFakeHttp((_, response) => {
      answers[Math.min(asked++, answers.length - 1)]?.(response)
    })
    const { url } = server
    const client = clientFor({ url }, 'token')
    return createQueries({
      client: () => client,
      org: 'perfwatch',
      url,
      token: 'the reader token',
      deadlineMs: 5_000,
      atOnce: 2,
      mostRows: 100,
      ...over,
    })
  }
  const good = (response: ServerResponse) =>
    void response.writeHead(200, { 'content-type': 'text/csv' }).end(csv(['1', '2.5']))
  const bad =
    (status: number, message: string, code = 'invalid') =>
    (response: ServerResponse) =>
      void response
        .writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
        .end(JSON.stringify({ code, message }))
  const cutOff = (response: ServerResponse) => void response.socket?.destroy()

  it('is answered row by row', async () => {
    const queries = await asking([good])
    expect(await queries.ask('script', collectValues)).toEqual([1, 2.5])
    expect(server?.asked).toEqual(['POST /api/v2/query?org=perfwatch'])
  })

  it('is asked again while InfluxDB has too many, which it says as if it were our fault', async () => {
    const busy = bad(400, 'queue length exceeded')
    const queries = await asking([busy, busy, good])
    expect(await queries.ask('script', collectValues)).toEqual([1, 2.5])
    expect(server?.asked).toHaveLength(3)
  })

  it('is asked again, once, when the connection breaks', async () => {
    const queries = await asking([cutOff, good])
    expect(await queries.ask('script', collectValues)).toEqual([1, 2.5])
    const broken = await asking([cutOff])
    await expect(broken.ask('script', collectValues)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('does not answer') as unknown,
    })
    expect(server?.asked).toHaveLength(2)
  })

  it('is given up after its deadline', async () => {
    let closed: (() => void) | undefined
    const gone = new Promise<void>((resolve) => (closed = resolve))
    const silent = (response: ServerResponse) => void response.on('close', () => closed?.())
    const queries = await asking([silent], { deadlineMs: 100 })
    await expect(queries.ask('script', collectValues)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('did not answer within') as unknown,
    })
    // and InfluxDB need not go on for nobody
    await gone
  })

  it('waits while as many as allowed are being answered', async () => {
    const open: ServerResponse[] = []
    const queries = await asking([(response) => void open.push(response)])
    const answers = [1, 2, 3].map((i) => queries.ask(`script ${i}`, collectValues))
    await expect.poll(() => open.length).toBe(2)
    open.forEach(good)
    await expect.poll(() => open.length).toBe(3)
    open.slice(2).forEach(good)
    expect(await Promise.all(answers)).toEqual(answers.map(() => [1, 2.5]))
  })

  it('may not have too long an answer', async () => {
    const long = (response: ServerResponse) =>
      void response.writeHead(200).end(csv(Array.from({ length: 200 }, (_, i) => String(i))))
    const queries = await asking([long])
    await expect(queries.ask('script', collectValues)).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('more than 100 rows') as unknown,
    })
  })

  it('that breaks off in the middle of its answer has failed, though its status says otherwise', async () => {
    const half = (response: ServerResponse) =>
      void response
        .writeHead(200)
        .end(
          `${csv(['1'])}\r\n#datatype,string,string\r\n#group,true,true\r\n#default,,\r\n,error,reference\r\n,"partial write: conflict",\r\n`,
        )
    const queries = await asking([half])
    await expect(queries.ask('script', collectValues)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('broke a query off: partial write: conflict') as unknown,
    })
  })

  it.each([
    [401, 'unauthorized access', 'unavailable', 'does not accept the reader token'],
    [404, 'could not find bucket "x"', 'unavailable', 'does not let the reader token do this'],
    [400, 'memory allocation limit reached: limit 1 bytes', 'invalid', 'Ask for a shorter range'],
    [500, 'a panic has occurred', 'unavailable', 'refused: a panic has occurred'],
    [503, 'starting', 'unavailable', 'refused: starting'],
  ])('that is answered with %d %s says what to do', async (status, message, code, sentence) => {
    const failures: unknown[] = []
    const queries = await asking([bad(status, message, 'x')], {
      onFailure: (error) => failures.push(error),
    })
    await expect(queries.ask('script', collectValues)).rejects.toMatchObject({
      name: 'AppError',
      code,
      message: expect.stringContaining(sentence) as unknown,
    })
    expect(failures).toHaveLength(1)
  })

  it('never tells more of a refusal than a line', async () => {
    const queries = await asking([bad(500, `a\nb ${'x'.repeat(5_000)}`)])
    const error = await queries.ask('script', collectValues).catch((cause: unknown) => cause)
    expect(error).toBeInstanceOf(Error)
    expect(String(error)).toMatch(/refused: a b x+ …\.$/)
    expect(String(error).length).toBeLessThan(500)
  })
})
