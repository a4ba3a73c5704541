/** Sentences of the wire contract for what belongs to HTTP rather than to a surface. */
export const NOT_FOUND = 'Resource not found'
export const METHOD_NOT_ALLOWED = 'Method Not Allowed'
export const TOO_LARGE = 'Request body too large'
export const UNKNOWN_HOST = 'Unknown host. Add it to ALLOWED_HOSTS.'
export const FOREIGN_ORIGIN =
  'This request did not come from a page of this server: its Origin is not the Host. Behind a proxy, pass the Host header on.'

/** A refusal that only an HTTP surface knows: it is decided before anything of ours runs. */
export class HttpRefusal extends Error {
  readonly status: 405 | 421 | 426
  readonly headers: Readonly<Record<string, string>>

  constructor(
    status: HttpRefusal['status'],
    detail: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail)
    this.name = 'HttpRefusal'
    this.status = status
    this.headers = headers
  }
}
