import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { AppError, type ErrorCode } from '../../app-error.ts'
import type { Cli } from '../cli.ts'
import type { Params } from './source.ts'

const TIMEOUT_MS = 30_000

/** A server with its base path, and a token for it. */
export type ServerAccess = { readonly base: URL; readonly token: string }

/** Where `--url` leads, with the token of `--token-file` or PERFWATCH_TOKEN. */
export const serverAccess = async (
  cli: Cli,
  { url, tokenFile }: { readonly url: string; readonly tokenFile: string | undefined },
): Promise<ServerAccess> => {
  const base = baseOf(url)
  const token = tokenFile === undefined ? tokenFromSettings(cli) : await tokenFrom(tokenFile)
  if (token !== undefined) return { base, token }
  throw new AppError({
    code: 'unauthenticated',
    detail: `No token for ${base.origin}: set PERFWATCH_TOKEN or --token-file. A token is the access_token of POST /api/auth/login.`,
  })
}

const baseOf = (url: string): URL => {
  const text = url.endsWith('/') ? url : `${url}/`
  const base = URL.canParse(text) ? new URL(text) : undefined
  if (base === undefined || !/^https?:$/.test(base.protocol))
    throw new AppError({
      code: 'invalid',
      detail: `--url: '${url}' is not the address of a server; write one such as http://127.0.0.1:8000.`,
    })
  return base
}

const tokenFrom = async (file: string): Promise<string> => {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new AppError({
      code: 'invalid',
      detail: `--token-file: ${file} cannot be read; give the path of a file that holds the token.`,
      cause,
    })
  })
  return checkedToken(text, `--token-file: ${file}`)
}

const tokenFromSettings = (cli: Cli): string | undefined => {
  const { PERFWATCH_TOKEN: token } = cli.cliSettings()
  return token === undefined ? undefined : checkedToken(token, 'PERFWATCH_TOKEN')
}

// a header cannot hold anything else, and fetch would fail with a message that shows the token
const checkedToken = (text: string, whence: string): string => {
  const token = text.trim()
  if (/^[\w.~+/=-]+$/.test(token)) return token
  throw new AppError({
    code: 'invalid',
    detail: `${whence} does not hold a token alone on one line.`,
  })
}

/** The JSON of an answer; AppError with the server's own sentence where it refuses. */
export const get = async (
  { base, token }: ServerAccess,
  path: string,
  params: Params,
): Promise<unknown> => {
  const url = new URL(path, base)
  for (const [name, value] of Object.entries(params)) url.searchParams.set(name, value)
  const response = await fetch(url, {
    headers: { accept: 'application/json', authorization: `Bearer ${token}` },
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((cause: unknown) => {
    throw new AppError({
      code: 'unavailable',
      detail: `${base.origin} does not answer (${reasonOf(cause)}): is the server running, and is the address right?`,
      cause,
    })
  })
  const body: unknown = await response.json().catch(() => undefined)
  if (!response.ok) throw refusal(base, response.status, body)
  return body
}

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'no reason given'
  if (error.name === 'TimeoutError') return `nothing within ${TIMEOUT_MS / 1000} s`
  const { cause } = error
  if (cause instanceof Error && 'code' in cause && typeof cause.code === 'string') return cause.code
  return cause instanceof Error ? cause.message : error.message
}

const Detail = z.object({ detail: z.string() })

const CODES: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid',
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not-found',
  429: 'too-many',
}

const refusal = (base: URL, status: number, body: unknown): AppError => {
  const parsed = Detail.safeParse(body)
  const detail = parsed.success ? parsed.data.detail : `status ${status}`
  const code = CODES[status] ?? 'unavailable'
  const advice = code === 'unauthenticated' ? ' Log in again: tokens end with their session.' : ''
  return new AppError({
    code,
    detail: code === 'invalid' ? detail : `${base.origin} answered: ${detail}.${advice}`,
  })
}

/** The answer in its form; AppError `unavailable` where something else answered. */
export const parseReply = <Reply>(form: z.ZodType<Reply>, body: unknown, base: URL): Reply => {
  const parsed = form.safeParse(body)
  if (parsed.success) return parsed.data
  throw new AppError({
    code: 'unavailable',
    detail: `${base.origin} answered something else than history: is it a PerfWatch server?`,
  })
}
