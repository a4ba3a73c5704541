import { useState } from 'preact/hooks'
import { facts } from '../facts.ts'
import { sentenceOf } from '../load.ts'
import type { Session } from '../session.ts'
import { Form, textsOf } from '../ui/form.tsx'
import { Failure } from '../ui/failure.tsx'

/** Log in, or where the server lets strangers in, sign up. */
export const LogIn = ({ session }: { readonly session: Session }) => {
  const [isNew, setNew] = useState(false)
  const [error, setError] = useState<string>()
  const [isBusy, setBusy] = useState(false)

  const send = async (form: HTMLFormElement) => {
    const { username = '', password = '' } = textsOf(form)
    setBusy(true)
    setError(undefined)
    try {
      await (isNew ? session.signUp(username, password) : session.logIn(username, password))
    } catch (cause) {
      setError(sentenceOf(cause))
      setBusy(false)
    }
  }

  return (
    <main class="alone">
      <Form class="card log-in" onSend={send}>
        <h1>PerfWatch</h1>
        <label>
          User name
          <input name="username" autocomplete="username" required maxLength={64} autofocus />
        </label>
        <label>
          Password
          <input
            name="password"
            type="password"
            autocomplete={isNew ? 'new-password' : 'current-password'}
            required
            maxLength={1024}
          />
        </label>
        <Failure of={error} />
        <button type="submit" class="primary" disabled={isBusy}>
          {isNew ? 'Sign up' : 'Log in'}
        </button>
        {facts.registration ? (
          <button type="button" class="link" onClick={() => setNew(!isNew)}>
            {isNew ? 'I have an account' : 'Make an account'}
          </button>
        ) : (
          <p class="hint">
            The password of the first start is in the terminal of the server, and in
            initial-admin-password in its data folder.
          </p>
        )}
      </Form>
    </main>
  )
}
