import { useAction } from '../../action.ts'
import { ask } from '../../api.ts'
import { Form, textsOf } from '../../ui/form.tsx'
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
      <Form onSend={send}>
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
      </Form>
      <Outcome of={action} />
    </section>
  )
}
