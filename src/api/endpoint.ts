import { z } from '@hono/zod-openapi'
import { AppError } from '../app-error.ts'
import { NOT_FOUND } from '../http/refusal.ts'
import type { HttpContext, Method } from '../http/surface.ts'
import type { Access, CallerOf } from './access.ts'
import { parseInput, parseJson } from './input.ts'

/** What a request asks, checked: its caller may ask it and its input has the form that the endpoint names. */
export type Asked<A extends Access, P, Q, B> = {
  readonly caller: CallerOf<A>
  readonly params: P
  readonly query: Q
  readonly body: B
  readonly context: HttpContext
}

/** 101 and 204 have no body. */
type Answers = 101 | 200 | 201 | 202 | 204

/** An endpoint as it is written: its place, who may ask, what it takes and gives, and what it does. */
export type Definition<
  A extends Access,
  P extends z.ZodType,
  Q extends z.ZodType,
  B extends z.ZodType,
  R extends z.ZodType,
> = {
  readonly method: Method
  /** As OpenAPI writes it: `/api/users/{id}`. */
  readonly path: string
  readonly access: A
  readonly tag: string
  readonly summary: string
  readonly description?: string
  readonly params?: P
  readonly query?: Q
  readonly body?: B
  /** What the document shows as the body, where the handler checks more than `body` says. */
  readonly bodyShown?: z.ZodType
  /** The answer when all is well; `media` lists the forms beside JSON. */
  readonly answer: {
    readonly status: Answers
    readonly description: string
    readonly schema?: R
    readonly media?: readonly string[]
  }
  /** Other others than those that follow from access and input, with what they mean. */
  readonly others?: Readonly<Record<number, string>>
  /** A credential of this endpoint alone, tried where no session's fits. */
  readonly alsoBy?: (context: HttpContext) => Promise<boolean>
  /** Host is not asked: what watches a server's health knows it by any name. */
  readonly anyHost?: boolean
  /** A value is sent as JSON with the answer's status; a Response as it is. */
  handle(
    asked: Asked<A, z.output<P>, z.output<Q>, z.output<B>>,
  ): z.input<R> | Response | Promise<z.input<R> | Response>
}

/** An endpoint as the server runs it. */
export type Endpoint = Pick<
  Definition<Access, z.ZodType, z.ZodType, z.ZodType, z.ZodType>,
  | 'method'
  | 'path'
  | 'access'
  | 'tag'
  | 'summary'
  | 'description'
  | 'params'
  | 'query'
  | 'body'
  | 'bodyShown'
  | 'answer'
  | 'others'
  | 'alsoBy'
  | 'anyHost'
> & {
  /** Checks the input and answers; the caller has been authorised before. */
  run(context: HttpContext, body: Buffer, caller: CallerOf<Access>): Promise<Response>
}

/** Nothing is asked: what a query or a body without a schema is read as. */
const nothing = z.object({})

/** Ties a definition's types together once, so that a list of endpoints needs to know none of them. */
export const endpoint = <
  A extends Access,
  R extends z.ZodType,
  P extends z.ZodType = typeof nothing,
  Q extends z.ZodType = typeof nothing,
  B extends z.ZodType = typeof nothing,
>(
  definition: Definition<A, P, Q, B, R>,
): Endpoint => {
  const { params, query, body, answer, handle, ...rest } = definition
  return {
    ...rest,
    answer,
    ...(params && { params }),
    ...(query && { query }),
    ...(body && { body }),
    async run(context, bytes, caller) {
      const value = await handle({
        // authorise() has given the caller that this access promises
        caller: caller as CallerOf<A>,
        params: paramsOf(params, context),
        query: given(query, () => context.req.query()),
        body: given(body, () => parseJson(bytes)),
        context,
      })
      if (value instanceof Response) return value
      return answer.status === 204 || answer.status === 101
        ? context.body(null, answer.status)
        : context.json(value as object, answer.status)
    },
  }
}

const given = <S extends z.ZodType>(schema: S | undefined, read: () => unknown): z.output<S> =>
  schema === undefined ? ({} as z.output<S>) : parseInput(schema, read())

/** What stands in the path names a thing: a name of the wrong form names nothing. */
const paramsOf = <S extends z.ZodType>(
  schema: S | undefined,
  context: HttpContext,
): z.output<S> => {
  if (schema === undefined) return {} as z.output<S>
  const parsed = schema.safeParse(context.req.param())
  if (!parsed.success) throw new AppError({ code: 'not-found', detail: NOT_FOUND })
  return parsed.data
}
