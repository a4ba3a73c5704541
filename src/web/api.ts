/** A request that the server has refused, in its own words; status 0: it was not reached. */
export class ApiError extends Error {
  readonly status: number
  constructor(status: number, detail: string) {
    super(detail)
    this.status = status
  }
}

type Values = Readonly<Record<string, string | number | boolean | null | undefined>>

/** The address of something of this server, beside the page. */
export const urlOf = (path: string, query: Values = {}): URL => {
  const url = new URL(path, new URL('.', location.href))
  for (const [name, value] of Object.entries(query))
    if (value !== null && value !== undefined && value !== '')
      url.searchParams.set(name, String(value))
  return url
}

const loggedOut = new Set<() => void>()

/** Calls the listener when an answer says that the session has ended. */
export const onLoggedOut = (listener: () => void): (() => void) => {
  loggedOut.add(listener)
  return () => {
    loggedOut.delete(listener)
  }
}

const detailOf = async (answer: Response): Promise<string> => {
  const body: unknown = await answer.json().catch(() => null)
  if (typeof body === 'object' && body !== null) {
    // the doors say `message`
    const { detail, message } = body as { detail?: unknown; message?: unknown }
    if (typeof detail === 'string') return detail
    if (typeof message === 'string') return message
  }
  return `The server answered ${answer.status}.`
}

type Asked = {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly query?: Values
  readonly body?: unknown
  readonly signal?: AbortSignal
}

/** Asks the server by the session's cookie; rejects with an ApiError, or an AbortError. */
export const ask = async <Answer>(path: string, asked: Asked = {}): Promise<Answer> => {
  const { method = 'GET', query, body, signal } = asked
  let answer: Response
  try {
    answer = await fetch(urlOf(path, query), {
      method,
      headers: {
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal !== undefined && { signal }),
    })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new ApiError(0, 'The server cannot be reached.')
  }
  if (!answer.ok) {
    const detail = await detailOf(answer)
    if (answer.status === 401 && path !== 'api/auth/login')
      for (const listener of loggedOut) listener()
    throw new ApiError(answer.status, detail)
  }
  return (answer.status === 204 ? null : await answer.json()) as Answer
}
