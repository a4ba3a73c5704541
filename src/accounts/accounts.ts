import type { Instant } from '../points/instant.ts'
import type { Config } from './config.ts'

export const ROLES = ['admin', 'viewer', 'client'] as const
/** admin: everything; viewer: reads host metrics, logs, events; client: only what it sent itself. */
export type Role = (typeof ROLES)[number]

export type User = {
  readonly id: number
  readonly username: string
  readonly role: Role
  readonly createdAt: Instant
  readonly lastLogin: Instant | null
}

/** As an admin sees an account. */
export type ListedUser = User & {
  /** What LoggerBot's `/create_user` was told beside the name; null: nothing. */
  readonly telId: string | null
}

/** Who asks. `sessionKey` is the hash under which the session is stored, also the JWT's `sid`; never the id itself. */
export type Caller = {
  readonly user: User
  readonly sessionKey: string
  readonly expiresAt: Instant
}

export type Login = {
  readonly user: User
  /** The value of the cookie. */
  readonly sessionId: string
  /** The bearer JWT of the same session. */
  readonly accessToken: string
  readonly expiresInSeconds: number
}

/** A token of a program that sends. Null in its scope: any. `mayPush` says what it opens. */
export type IngestToken = {
  readonly id: number
  readonly name: string
  readonly dataset: string | null
  readonly host: string | null
  /** The title of the only project whose events it may send; the token ends with that project. */
  readonly project: string | null
  /** What its measurements must begin with. */
  readonly prefix: string | null
  /** May write `metrics` of its host; always with a host. */
  readonly agent: boolean
  /** May read /metrics, nothing else. */
  readonly metrics: boolean
  /** Quotas, which the push endpoint keeps: lines a second, and series that are not yet known to it. */
  readonly pointsPerSecond: number
  readonly maxSeries: number
  readonly createdAt: Instant
  /** To the minute. */
  readonly lastUsed: Instant | null
}

/** `mayReadProject` says who may read it. */
export type Project = {
  readonly id: number
  readonly title: string
  readonly owner: string
  readonly ownerId: number
  /** Its events are taken only with an ingest token of this project. */
  readonly tokenRequired: boolean
  readonly createdAt: Instant
}

/** A run of a PerformanceMonitor client, also one that has ended: what it sent stays. */
export type DoorSession = {
  /** Public: 16 hex digits, the `session` of its samples. Never the hash. */
  readonly id: string
  readonly username: string
  readonly startedAt: Instant
}

/** A name and password as a stranger gave them, and the address they came from, for the throttle. */
export type GivenLogin = {
  readonly username: string
  readonly password: string
  readonly address: string
}

/** Why sessions ended; the relay closes their sockets. `user`: all but `exceptSession` of that user. */
export type Revocation =
  | { readonly kind: 'session'; readonly sessionKey: string }
  | { readonly kind: 'user'; readonly userId: number; readonly exceptSession?: string }

/**
 * Users, sessions, tokens, projects and settings in `accounts.db`. Every method rejects with an AppError whose
 * code the surface maps. Names are unique without regard to case and never given twice.
 */
export type Accounts = {
  readonly users: {
    list(): Promise<readonly ListedUser[]>
    find(username: string): Promise<User | null>
    get(id: number): Promise<User | null>
    /** Also of a removed one, whose points are still there; null: there never was one, or the name is free again. */
    nameOf(id: number): Promise<string | null>
    /**
     * conflict: taken (also by a deleted account); invalid: name (1..64 characters without `:` and control characters) or
     * password (1, or `minPasswordLength`, to 1024 characters) out of bounds.
     */
    create(user: {
      username: string
      password: string
      role: Role
      minPasswordLength?: number | undefined
      /** Also a LoggerBot credential, md5hex(username + password), which follows the password from then on. */
      logger?: boolean | undefined
      /** At most 255 characters; invalid beyond. */
      telId?: string | undefined
    }): Promise<User>
    /** As `create`, a client, by a stranger: too-many beyond 100 new accounts per address and hour. */
    signUp(given: GivenLogin): Promise<User>
    /** Sets role or password; a new password or role ends the user's sessions at every surface. conflict: the last admin. */
    update(
      id: number,
      change: { role?: Role | undefined; password?: string | undefined },
      options?: { minPasswordLength?: number | undefined },
    ): Promise<User>
    /**
     * Leaves a tombstone so that the name is never given again; `forget`, at once or later by the same id, frees it.
     * The user's projects stay with `remove`; with `forget` they go, and only their titles stay taken. conflict: the last admin.
     */
    remove(id: number, options?: { forget?: boolean }): Promise<void>
  }
  readonly sessions: {
    /**
     * Throttled per account and address (too-many with retryAfterSeconds); the same refusal and time for an unknown
     * user and a wrong password: unauthenticated `Invalid username or password`.
     */
    login(given: GivenLogin): Promise<Login>
    /**
     * As `login`, but opens no session and notes no log-in: HTTP Basic, which comes with every request. A pair that was
     * right is known again for some minutes without the cost of the hash.
     */
    authenticate(given: GivenLogin): Promise<User>
    /** The caller of a bearer JWT (aud perfwatch), or null: bad, expired, revoked. */
    byBearer(token: string): Promise<Caller | null>
    /** The caller of a session cookie, or null. */
    byCookie(sessionId: string): Promise<Caller | null>
    logout(caller: Caller): Promise<void>
    /** invalid `Current password is incorrect`; ends every other session of the user. Throttled as a log-in. */
    changePassword(
      caller: Caller,
      passwords: { current: string; next: string; address: string },
    ): Promise<void>
    /** A single-use ticket for the WebSocket handshake, 30 s, held in memory. */
    issueTicket(caller: Caller): { ticket: string; expiresInSeconds: number }
    /** The caller, once; null when unknown, used, expired, or its session has ended. */
    redeemTicket(ticket: string): Promise<Caller | null>
    /** Called at once when sessions end here, and within 2 s when another process (the CLI) ended them. */
    onRevoked(listener: (revocation: Revocation) => void): () => void
  }
  /** PerformanceMonitor: a client holds a UUID, the hash, for one run. It opens nothing else. */
  readonly doorSessions: {
    /** As `users.signUp`, and opens a session. The hash is told once: only its own hash is stored. */
    register(given: GivenLogin): Promise<{ readonly hash: string; readonly session: DoorSession }>
    /** As `sessions.login`: the same refusals and throttle; a new hash each time. */
    login(given: GivenLogin): Promise<{ readonly hash: string; readonly session: DoorSession }>
    /**
     * Whose hash this is, in any spelling of a UUID (`canonicalUuid`), some microseconds and true to the last commit of any
     * process; null: none, unknown, 30 days unused, or ended by a new password, a new role or the removal of its user.
     */
    verify(hash: string): Promise<{
      readonly user: User
      readonly sessionId: string
      readonly startedAt: Instant
    } | null>
    /** Oldest first, all or those of one user, also of a removed one. Sessions that were never used are not kept. */
    list(username?: string): Promise<readonly DoorSession[]>
    /** By its public id. */
    find(sessionId: string): Promise<DoorSession | null>
  }
  /** Speedlog: a bearer JWT for /private, `aud` speedlog; it opens nothing else. */
  readonly speedlog: {
    /** As `sessions.login`: the same refusals and throttle. */
    login(
      given: GivenLogin,
    ): Promise<{ readonly user: User; readonly token: string; readonly expiresInSeconds: number }>
    /** The caller of a JWT of Speedlog, or of PerfWatch (the page sends that); null: bad, expired, revoked. */
    byBearer(token: string): Promise<Caller | null>
  }
  /** LoggerBot: a credential made of name and password that comes with each batch; it opens nothing else. */
  readonly logger: {
    /**
     * A client with a LoggerBot credential; null: the name is taken (also by a deleted account) and nothing changed.
     * invalid: as `users.create`. The caller has checked the API key, so these do not count as sign-ups.
     */
    createUser(user: {
      username: string
      password: string
      telId?: string | undefined
    }): Promise<User | null>
    /**
     * The user of a name and X-User-Token; unauthenticated, the same and as late for an unknown user, one without such a
     * credential, and a wrong token. Throttled together with log-ins. One that was right is known again for some minutes
     * without the cost of the hash.
     */
    verify(given: { username: string; token: string; address: string }): Promise<User>
  }
  readonly tokens: {
    list(): Promise<readonly IngestToken[]>
    /** The value is shown once: only its hash is stored. conflict: name taken; invalid: the scope, an unknown project. */
    create(token: {
      name: string
      dataset?: string | undefined
      host?: string | undefined
      /** A title. */
      project?: string | undefined
      prefix?: string | undefined
      /** Needs `host`. */
      agent?: boolean | undefined
      /** May read /metrics, nothing else. */
      metrics?: boolean | undefined
      /** `TOKEN_QUOTA` where they are left out. */
      pointsPerSecond?: number | undefined
      maxSeries?: number | undefined
    }): Promise<{ readonly token: string; readonly record: IngestToken }>
    /** The token of a presented value, some microseconds and true to the last commit of any process; null: none. */
    verify(value: string): Promise<IngestToken | null>
    /** not-found: unknown id. */
    remove(id: number): Promise<void>
  }
  readonly projects: {
    list(owner?: string): Promise<readonly Project[]>
    /** By its title in any case, some microseconds and true to the last commit of any process; null: none, also no title. */
    find(title: string): Promise<Project | null>
    /** Also of a removed one, whose events are still there; null: there never was one, or the title is free again. */
    titleOf(id: number): Promise<string | null>
    /** invalid: the title; conflict: taken, also by a removed project; not-found: the owner. */
    create(project: {
      title: string
      ownerId: number
      tokenRequired?: boolean | undefined
    }): Promise<Project>
    /** Leaves a tombstone, as for users, and ends its tokens; `forget`, at once or later by the same id, frees the title. */
    remove(id: number, options?: { forget?: boolean }): Promise<void>
  }
  readonly config: {
    get(): Config
    /** invalid with the contract's sentence on the merged values; all or nothing; unknown keys are ignored. */
    put(change: Readonly<Record<string, unknown>>): Promise<Config>
    /** What `put` would store; invalid as put. */
    preview(change: Readonly<Record<string, unknown>>): Config
    /** Called after every change, also one by another process. */
    onChange(listener: (config: Config) => void): () => void
  }
  /** Small facts that must outlive a restart: the host's name, when retention last ran, host inventories. */
  readonly facts: {
    get(key: string): string | null
    set(key: string, value: string): Promise<void>
    delete(key: string): Promise<void>
    /** Keys that begin with the prefix. */
    list(prefix: string): readonly { readonly key: string; readonly value: string }[]
  }
  close(): Promise<void>
}
