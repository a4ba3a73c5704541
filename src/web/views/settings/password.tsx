import { useAction } from '../../action.ts'
import { ask } from '../../api.ts'
import { textsOf } from '../../ui/form.ts'
import { Outcome } from '../../ui/outcome.tsx'

/** One's own password. */
export const Password = () => {
  const action = useAction()
  const send = (form: HTMLFormElement) =>
    action.run(async () => {
      await ask('api/auth/password', { method: 'PUT', body: textsOf(form) })
      form.reset()
      return 'The password is changed; every other session of yours has ended.'
    })
  return (
    <section class="card stack" aria-label="Password">
      <h2>Password</h2>
      <form
        class="controls"
        onSubmit={(event) => {
          event.preventDefault()
          void send(event.currentTarget)
        }}
      >
        <label>
          Current password
          <input type="password" name="current_password" autocomplete="current-password" required />
        </label>
        <label>
          New password
          <input type="password" name="new_password" autocomplete="new-password" required />
        </label>
        <button type="submit" class="primary" disabled={action.isBusy}>
          Change
        </button>
      </form>
      <Outcome of={action} />
    </section>
  )
}
