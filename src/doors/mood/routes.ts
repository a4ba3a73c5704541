import type { User } from '../../accounts/accounts.ts'
import { nameKey } from '../../accounts/names.ts'
import { AppError } from '../../app-error.ts'
import { mood } from '../../catalog/records.ts'
import { localTime, zoneOf } from '../../history/streak.ts'
import { dialect } from '../../http/dialect.ts'
import { originOf } from '../../http/identity.ts'
import { jsonOf } from '../../http/json-body.ts'
import { FOREIGN_ORIGIN } from '../../http/refusal.ts'
import type { HttpContext, Route, Surface } from '../../http/surface.ts'
import { instant } from '../../points/instant.ts'
import type { StoredRecord } from '../../points/record.ts'
import type { RecordStore } from '../../store/records.ts'
import type { DoorDeps } from '../door.ts'
import { toHttpDate, toMoods, toRecord } from './mapper.ts'
import {
  LONGEST_MOOD,
  MoodAnswer,
  MoodBody,
  MoodFields,
  MoodQuery,
  Moods,
  Refusal,
} from './wire.ts'

const LOGIN_REQUIRED = 'Login required'
const tag = 'Mood'
const REFUSALS = {
  400: { description: 'The input is not as it must be', schema: Refusal },
  401: { description: 'Not logged in', schema: Refusal },
  403: { description: 'Another user than oneself', schema: Refusal },
  404: { description: 'An admin has named an unknown user', schema: Refusal },
}

/** The path of seed Mood; errors are `{"message"}`. */
export const moodSurface = (deps: DoorDeps): Surface => ({
  name: 'Mood',
  failureOf: dialect({
    body: (status, message) => ({ message: status === 401 ? LOGIN_REQUIRED : message }),
    unexpected: 'Internal server error',
  }),
  routes: [postRoute(deps), getRoute(deps)],
})

const postRoute = (deps: DoorDeps): Route => ({
  method: 'post',
  path: '/mood',
  docs: {
    tag,
    summary: 'Keep a mood',
    description: 'By HTTP Basic, a bearer token, or the cookie of the page.',
    body: MoodFields,
    answers: { 200: { description: 'Kept', schema: MoodAnswer }, ...REFUSALS },
  },
  handle: async (context, body) => {
    const caller = await callerOf(deps, context, 'changes')
    const given = MoodBody.safeParse(jsonOf(body))
    if (!given.success)
      throw invalid(`mood must be a text of 1 to ${LONGEST_MOOD} characters, and user a text`)
    const user = await meant(deps, caller, given.data.user)
    const record = toRecord(user, given.data.mood, deps.clock.now())
    await deps.records.append(mood.dataset, [record])
    return context.json({ Date: toHttpDate(record.at), Mood: given.data.mood })
  },
})

const getRoute = (deps: DoorDeps): Route => ({
  method: 'get',
  path: '/mood',
  docs: {
    tag,
    summary: 'All moods of a user with the streak',
    description: '`tz` is a time zone such as Europe/Berlin; without it the server’s.',
    query: MoodQuery,
    answers: { 200: { description: 'By time', schema: Moods }, ...REFUSALS },
  },
  handle: async (context) => {
    const caller = await callerOf(deps, context, 'reads')
    const { user: named, tz } = context.req.query()
    const user = await meant(deps, caller, named || undefined)
    const local = localTime(tz || zoneOf(Intl.DateTimeFormat().resolvedOptions().timeZone))
    return context.json(toMoods(user, await allMoods(deps.records, user), local))
  },
})

/** HTTP Basic where it is sent, else what any request of the page may carry. */
const callerOf = async (
  { accounts, identify, origins }: DoorDeps,
  context: HttpContext,
  what: 'reads' | 'changes',
): Promise<User> => {
  const { incoming } = context.env
  const basic = basicIn(context)
  if (basic !== undefined)
    return accounts.sessions.authenticate({ ...basic, address: origins.address(incoming) })
  const identity = await identify.of(incoming)
  if (identity.kind !== 'caller')
    throw new AppError({ code: 'unauthenticated', detail: LOGIN_REQUIRED })
  // a browser sends the cookie for any page
  const isForeign = what === 'changes' && originOf(incoming, origins.secure(incoming)) !== 'same'
  if (identity.by === 'cookie' && isForeign)
    throw new AppError({ code: 'forbidden', detail: FOREIGN_ORIGIN })
  return identity.caller.user
}

const basicIn = (
  context: HttpContext,
): { readonly username: string; readonly password: string } | undefined => {
  const encoded = /^basic +([\w+/=-]+) *$/i.exec(context.req.header('authorization') ?? '')?.[1]
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 0
    ? { username: text, password: '' }
    : { username: text.slice(0, colon), password: text.slice(colon + 1) }
}

/** The name under which the moods are: one's own, or for an admin anybody's. */
const meant = async (
  { accounts }: DoorDeps,
  caller: User,
  named: string | undefined,
): Promise<string> => {
  if (named === undefined || nameKey(named) === nameKey(caller.username)) return caller.username
  if (caller.role !== 'admin')
    throw new AppError({ code: 'forbidden', detail: 'user may only be yourself' })
  const user = await accounts.users.find(named)
  if (user === null) throw new AppError({ code: 'not-found', detail: 'There is no such user' })
  return user.username
}

const EVER = { from: instant(0), to: instant(9_000_000_000_000) }
const PAGE = 5_000

const allMoods = async (
  records: Pick<RecordStore, 'find'>,
  user: string,
): Promise<readonly StoredRecord[]> => {
  const all: StoredRecord[] = []
  for (;;) {
    const after = all.at(-1)
    const page = await records.find({
      dataset: mood.dataset,
      measurement: mood.measurement,
      tags: { user },
      range: EVER,
      order: 'oldest first',
      limit: PAGE,
      ...(after !== undefined && { after }),
    })
    all.push(...page)
    if (page.length < PAGE) return all
  }
}

const invalid = (detail: string) => new AppError({ code: 'invalid', detail })
