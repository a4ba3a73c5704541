import { HttpError, RequestTimedOutError } from '@influxdata/influxdb-client'
import { AppError } from '../../app-error.ts'

/** A server that could not be asked at all: not there, cut off, silent. */
export const isUnreachable = (error: unknown): boolean =>
  error instanceof RequestTimedOutError || networkCode(error) !== undefined

/** A new connection may help: the kept one was closed under us, as a restart does. */
export const isCutOff = (error: unknown): boolean => {
  const code = networkCode(error)
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'ABORTED'
}

/** InfluxDB has more queries than it lets wait. It says so with 400, which is not the asker's fault. */
export const isBusy = (error: unknown): boolean =>
  error instanceof HttpError && reasonOf(error).includes('queue length exceeded')

export const statusOf = (error: unknown): number | undefined =>
  error instanceof HttpError ? error.statusCode : undefined

/** InfluxDB's own code of a refusal (`invalid`, `unauthorized`); undefined: the answer is not InfluxDB's. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof HttpError ? error.code : undefined

/** How long a server, or a proxy before it, asks to wait; 0: it does not say. */
export const waitOf = (error: unknown): number =>
  error instanceof HttpError ? Math.min(error.retryAfter(), MOST_WAIT_SECONDS) * 1_000 : 0

const MOST_WAIT_SECONDS = 60
const MOST_REASON = 300

/** Why, in InfluxDB's own words, on one line and cut: refusals repeat whole lines of what was written. */
export const reasonOf = (error: unknown): string => {
  const text =
    error instanceof HttpError
      ? (messageIn(error.body) ?? `status ${error.statusCode}`)
      : error instanceof RequestTimedOutError
        ? 'it took too long'
        : (networkCode(error) ?? (error instanceof Error ? error.message : 'unknown'))
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > MOST_REASON ? `${line.slice(0, MOST_REASON)} …` : line
}

/** Answers are JSON with a message as a rule, but a proxy's are not. */
const messageIn = (body: string | undefined): string | undefined => {
  if (body === undefined || body === '') return undefined
  try {
    const json: unknown = JSON.parse(body)
    if (typeof json === 'object' && json !== null && 'message' in json) return String(json.message)
  } catch {
    // not JSON
  }
  return body
}

/** The code of a network failure; `localhost` with two addresses gives an error without a message. */
const networkCode = (error: unknown): string | undefined => {
  if (!(error instanceof Error) || error instanceof HttpError) return undefined
  if ('code' in error && typeof error.code === 'string' && /^E[A-Z]+$/.test(error.code))
    return error.code
  if (error.name === 'AbortError' || error.message === 'aborted' || /hang up/.test(error.message))
    return 'ABORTED'
  return undefined
}

/** What a failure means for whoever asked. `token`: which one was used, as a person would look for it. */
export const asAppError = (error: unknown, where: { url: string; token: string }): AppError => {
  if (error instanceof AppError) return error
  const reason = reasonOf(error)
  if (isUnreachable(error))
    return unavailable(
      `InfluxDB at ${where.url} does not answer (${reason}). Start it, or mend INFLUX_URL.`,
      error,
    )
  const status = statusOf(error)
  if (status === 401)
    return unavailable(`InfluxDB at ${where.url} does not accept ${where.token}: ${reason}.`, error)
  if (status === 403 || reason.includes('could not find bucket'))
    return unavailable(
      `InfluxDB at ${where.url} does not let ${where.token} do this, or the bucket is gone: ${reason}.`,
      error,
    )
  if (reason.includes('memory allocation limit'))
    return new AppError({
      code: 'invalid',
      detail:
        'The question needs more memory than InfluxDB may use for one. Ask for a shorter range or fewer fields.',
      cause: error,
    })
  return unavailable(`InfluxDB at ${where.url} refused: ${reason}.`, error)
}

export const unavailable = (detail: string, cause?: unknown): AppError =>
  new AppError({ code: 'unavailable', detail, retryAfterSeconds: 5, cause })
