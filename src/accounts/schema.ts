/** The file is ours: "PfWa" in its header. */
export const APPLICATION_ID = 0x50_66_57_61

/** Each step makes the next `user_version`; steps that were released are never changed. Times are ms since 1970. */
export const MIGRATIONS: readonly string[] = [
  `
  -- A removed account stays as a row without a password: its name is never given again and its projects keep an owner.
  CREATE TABLE user(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    username TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    password_hash TEXT,
    role TEXT NOT NULL CHECK(role IN ('admin', 'viewer', 'client')),
    epoch INTEGER NOT NULL DEFAULT 0, -- counts changes of password, role and removal: a log-in begun before one fails
    created_at INTEGER NOT NULL,
    last_login INTEGER,
    removed_at INTEGER
  ) STRICT;

  CREATE TABLE session(
    key TEXT PRIMARY KEY, -- the hash of the session's id
    user_id INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX session_by_user ON session(user_id, created_at);
  CREATE INDEX session_by_expiry ON session(expires_at);

  -- By which other processes learn what has ended, whoever ended it; kept for an hour.
  CREATE TABLE ended_session(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
  CREATE TRIGGER session_ended AFTER DELETE ON session BEGIN
    INSERT INTO ended_session(key, at) VALUES (old.key, unixepoch() * 1000);
  END;

  CREATE TABLE ingest_token(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    hash TEXT NOT NULL UNIQUE,
    dataset TEXT,
    host TEXT,
    prefix TEXT,
    metrics INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    last_used INTEGER
  ) STRICT;

  CREATE TABLE project(
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL,
    title_key TEXT NOT NULL UNIQUE,
    owner_id INTEGER REFERENCES user(id) ON DELETE SET NULL,
    created_at INTEGER NOT NULL,
    removed_at INTEGER
  ) STRICT;
  CREATE INDEX project_by_owner ON project(owner_id);

  CREATE TABLE config(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID; -- values as JSON
  CREATE TABLE fact(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  `,
]
