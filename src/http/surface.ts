import type { HttpBindings } from '@hono/node-server'
import type { Context } from 'hono'
import type { ZodObject, ZodType } from 'zod'

export type HttpEnv = { Bindings: HttpBindings }
export type HttpContext = Context<HttpEnv>

export const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const
export type Method = (typeof METHODS)[number]

/** What the OpenAPI document says of a route. */
export type RouteDocs = {
  readonly tag: string
  readonly summary: string
  readonly description?: string
  readonly params?: ZodObject
  readonly query?: ZodObject
  readonly headers?: ZodObject
  /** A schema: JSON. A media type: the text of that type. */
  readonly body?: ZodType | string
  /** By status; without a schema there is no body, or one that the description names. */
  readonly answers: Readonly<
    Record<number, { readonly description: string; readonly schema?: ZodType }>
  >
}

/** One path and method of a surface. */
export type Route = {
  readonly method: Method
  /** As OpenAPI writes it: `/api/users/{id}`. Trailing slashes count. */
  readonly path: string
  /** Host is not asked: what watches a server's health knows it by any name. */
  readonly anyHost?: boolean
  /** Bytes of a body at most; without it 1 MB. */
  readonly maxBody?: number
  /** Without it the document leaves the route out. */
  readonly docs?: RouteDocs
  /** Answers when method, Host and size are in order; who asks, and what, is the route's to check. */
  readonly handle: (context: HttpContext, body: Buffer) => Promise<Response> | Response
}

/** A failure as a surface says it. */
export type Failure = {
  readonly status: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
  /** Present: nobody foresaw it, and the line of the log carries this id. */
  readonly errorId?: string
}

/** Routes that speak one dialect of errors. */
export type Surface = {
  readonly name: string
  readonly routes: readonly Route[]
  /** `errorId` is called for what nobody foresaw, and only then. */
  readonly failureOf: (error: unknown, errorId: () => string) => Failure
}
