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
  `
  -- A credential opens only its own surface: the audience of the session's tokens.
  ALTER TABLE session ADD COLUMN surface TEXT NOT NULL DEFAULT 'perfwatch';

  -- LoggerBot's credential is made of name and password, so it is kept as a password is.
  ALTER TABLE user ADD COLUMN logger_name TEXT; -- the name as the client spells it; NULL: no such credential
  ALTER TABLE user ADD COLUMN logger_hash TEXT;
  ALTER TABLE user ADD COLUMN tel_id TEXT;
  -- Whoever sets a password without making the credential anew has ended it.
  CREATE TRIGGER logger_credential_ended AFTER UPDATE OF password_hash, epoch ON user
    WHEN new.epoch <> old.epoch AND new.password_hash IS NOT old.password_hash AND new.logger_hash IS old.logger_hash
  BEGIN
    UPDATE user SET logger_hash = NULL WHERE id = new.id;
  END;

  CREATE TABLE door_session(
    id TEXT PRIMARY KEY, -- public: it stands in the data that the client sends
    user_id INTEGER NOT NULL REFERENCES user(id) ON DELETE CASCADE,
    hash TEXT UNIQUE, -- of the UUID that the client holds; NULL: ended
    started_at INTEGER NOT NULL,
    last_used INTEGER -- NULL: never, so nothing was sent by it
  ) STRICT;
  CREATE INDEX door_session_by_user ON door_session(user_id, started_at);
  CREATE TRIGGER door_sessions_ended AFTER UPDATE OF epoch ON user WHEN new.epoch <> old.epoch BEGIN
    DELETE FROM door_session WHERE user_id = new.id AND last_used IS NULL;
    UPDATE door_session SET hash = NULL WHERE user_id = new.id AND hash IS NOT NULL;
  END;

  ALTER TABLE project ADD COLUMN token_required INTEGER NOT NULL DEFAULT 0;

  ALTER TABLE ingest_token ADD COLUMN project_id INTEGER REFERENCES project(id) ON DELETE CASCADE;
  ALTER TABLE ingest_token ADD COLUMN agent INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE ingest_token ADD COLUMN points_per_second INTEGER NOT NULL DEFAULT 100000;
  ALTER TABLE ingest_token ADD COLUMN max_series INTEGER NOT NULL DEFAULT 10000;
  CREATE INDEX ingest_token_by_project ON ingest_token(project_id);
  CREATE TRIGGER project_tokens_ended AFTER UPDATE OF removed_at ON project WHEN new.removed_at IS NOT NULL BEGIN
    DELETE FROM ingest_token WHERE project_id = new.id;
  END;
  `,
]
