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

export type IngestToken = {
  readonly id: number
  readonly name: string
  readonly dataset: string | null
  readonly host: string | null
  readonly prefix: string | null
  readonly createdAt: Instant
  readonly lastUsed: Instant | null
}

export type Project = {
  readonly id: number
  readonly title: string
  readonly owner: string
  readonly createdAt: Instant
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
    list(): Promise<readonly User[]>
    find(username: string): Promise<User | null>
    get(id: number): Promise<User | null>
    /**
     * conflict: taken (also by a deleted account); invalid: name (1..64 characters without `:` and control characters) or
     * password (1, or `minPasswordLength`, to 1024 characters) out of bounds.
     */
    create(user: {
      username: string
      password: string
      role: Role
      minPasswordLength?: number | undefined
    }): Promise<User>
    /** As `create`, a client, by a stranger: too-many beyond 100 new accounts per address and hour. */
    signUp(user: { username: string; password: string; address: string }): Promise<User>
    /** Sets role or password; a new password or role ends the user's sessions. conflict: the last admin. */
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
    login(credentials: { username: string; password: string; address: string }): Promise<Login>
    /** As `login`, but opens no session and notes no log-in: HTTP Basic, log-ins of the doors. */
    authenticate(credentials: {
      username: string
      password: string
      address: string
    }): Promise<User>
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
  readonly tokens: {
    list(): Promise<readonly IngestToken[]>
    /** The value is shown once: only its hash is stored. conflict: name taken. */
    create(token: {
      name: string
      dataset?: string | undefined
      host?: string | undefined
      prefix?: string | undefined
      /** May read /metrics, nothing else. */
      metrics?: boolean | undefined
    }): Promise<{ readonly token: string; readonly record: IngestToken }>
    /** The token of a presented value, or null. */
    verify(value: string): Promise<(IngestToken & { readonly metrics: boolean }) | null>
    /** not-found: unknown id. */
    remove(id: number): Promise<void>
  }
  readonly projects: {
    list(owner?: string): Promise<readonly Project[]>
    /** invalid: the title; conflict: taken, also by a removed project; not-found: the owner. */
    create(project: { title: string; ownerId: number }): Promise<Project>
    /** Leaves a tombstone, as for users; `forget`, at once or later by the same id, frees the title. */
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
